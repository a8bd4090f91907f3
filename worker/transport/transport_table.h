#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "worker/ice/path.h"
#include "worker/transport/transport_id.h"

namespace sfu::transport {

// Told of every change in which paths are this thread's; see TransportTable.
class PathWatcher {
 public:
  virtual ~PathWatcher() = default;
  virtual void HandlePathAdded(const ice::Path& path) = 0;
  virtual void HandlePathRemoved(const ice::Path& path) = 0;
};

// Which transport of this media thread a datagram belongs to: by the path it came on, or, for the
// first STUN check on a new path, by our ufrag in it ([MUX-1], [MUX-2]).
//
// Transports keep their own entries up to date (TransportTableEntries); the media thread looks
// things up. Holds at most ice::Session::kMaxPaths paths and two ufrags per transport, all of them
// authenticated or made by us, so strangers cannot fill it. Not thread-safe: one per thread.
class TransportTable {
 public:
  // `watcher` may be null, and outlives the table's entries.
  explicit TransportTable(PathWatcher* watcher = nullptr) : watcher_(watcher) {}

  std::optional<TransportId> FindPath(const ice::Path& path) const;
  std::optional<TransportId> FindUfrag(std::string_view ufrag) const;

  // A path that another transport held changes hands: its newest check is the truth (NAT rebinding
  // may give one client the address another had).
  void AddPath(const ice::Path& path, TransportId transport);
  // Without effect if the path has changed hands since.
  void RemovePath(const ice::Path& path, TransportId transport);
  // Whoever has it: it belongs to another thread now. The watcher is not told.
  void ForgetPath(const ice::Path& path) { paths_.erase(path); }

  void AddUfrag(std::string_view ufrag, TransportId transport);
  void RemoveUfrag(std::string_view ufrag, TransportId transport);

  size_t path_count() const { return paths_.size(); }
  size_t ufrag_count() const { return ufrags_.size(); }

 private:
  PathWatcher* const watcher_;
  absl::flat_hash_map<ice::Path, TransportId> paths_;
  absl::flat_hash_map<std::string, TransportId> ufrags_;
};

// One transport's entries in the table; they go when it goes.
class TransportTableEntries {
 public:
  TransportTableEntries(TransportTable& table, TransportId transport)
      : table_(table), transport_(transport) {}
  ~TransportTableEntries();
  TransportTableEntries(const TransportTableEntries&) = delete;
  TransportTableEntries& operator=(const TransportTableEntries&) = delete;

  void AddPath(const ice::Path& path);
  void RemovePath(const ice::Path& path);
  void AddUfrag(std::string_view ufrag);
  void RemoveUfrag(std::string_view ufrag);

 private:
  TransportTable& table_;
  const TransportId transport_;
  std::vector<ice::Path> paths_;  // At most ice::Session::kMaxPaths.
  std::vector<std::string> ufrags_;
};

}  // namespace sfu::transport
