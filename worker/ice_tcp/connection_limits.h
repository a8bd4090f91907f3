#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/container/flat_hash_map.h>

#include "common/net/socket_address.h"

namespace sfu::ice_tcp {

// How many connections may wait at one time for their first connectivity check: in all, and of one
// network (IPv4 /24, IPv6 /56). Who has shown a user name fragment of ours is no stranger any more
// and not counted here.
//
// A network may be a whole company behind one address, or everybody when a container's proxy hides
// who they are, all coming back in the same second after a restart, with two connections each:
// hence far more of one network than [TCP-2] proposes. What a stranger costs is one descriptor and
// two kilobytes, for five seconds.
class ConnectionLimits {
 public:
  struct Options {
    size_t waiting = 1024;
    size_t waiting_of_network = 256;
  };
  enum class Verdict : uint8_t { kAdmitted, kTooMany, kTooManyOfNetwork };

  explicit ConnectionLimits(const Options& options) : options_(options) {}

  // If kAdmitted, Leave() must follow once the connection does not wait any more.
  [[nodiscard]] Verdict Enter(const SocketAddress& remote);
  void Leave(const SocketAddress& remote);

  size_t waiting() const { return waiting_; }

 private:
  const Options options_;
  size_t waiting_ = 0;
  absl::flat_hash_map<uint64_t, size_t> waiting_of_network_;  // Only networks that have some.
};

}  // namespace sfu::ice_tcp
