#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/cluster/node_record.h"
#include "common/time/timestamp.h"

namespace sfu::redis {

// Who lives, as told by one snapshot of the shared registry after another. Whether a node lives is
// judged by its entry changing, on our own monotonic clock: a wall clock may be wrong on any
// machine. Not thread-safe; reads no clock.
class NodeView {
 public:
  static constexpr size_t kMaxNodes = 1000;
  // Silent ones are shown that long; their `heard_at` tells.
  static constexpr absl::Duration kForgetAfter = absl::Seconds(60);
  // Clocks apart by more than this get one warning: tokens, certificates and logs suffer.
  static constexpr absl::Duration kSkewLimit = absl::Seconds(60);

  struct Entry {
    std::string id;
    // How long ago it was written, by Redis's clock. Matters when an id is seen for the first time.
    absl::Duration age;
    std::string text;  // EncodeNode(), or kLeft.
  };
  static constexpr char kLeft[] = "-";  // Of a node that has said goodbye.

  struct News {
    size_t nonsense = 0;  // Entries that could not be read.
    // Nodes whose wall clock differs, each told once: id, and how far it is ahead.
    std::vector<std::pair<std::string, absl::Duration>> skewed;
  };

  // A whole snapshot, taken after `asked_at`. What is missing from it may have been evicted, and
  // is kept until it has been silent for too long.
  News HandleSnapshot(Timestamp asked_at, absl::Time wall_now, const std::vector<Entry>& entries);

  std::vector<cluster::NodeRecord> Nodes() const;  // By id.

 private:
  struct Known {
    cluster::NodeRecord record;
    std::string text;
    bool skew_told = false;
  };

  std::map<std::string, Known, std::less<>> nodes_;
  Timestamp previous_ = Timestamp::Never();  // When the last snapshot was asked for.
};

}  // namespace sfu::redis
