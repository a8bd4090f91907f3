#pragma once

#include <compare>
#include <cstdint>
#include <utility>

#include "common/net/socket_address.h"

namespace sfu::ice {

// One way between a peer and us. `local_socket` is the owner's index of the socket the datagram
// came in by: an answer must leave by the same one ([ICE-3]). An accepted ICE-TCP connection is a
// local socket of its own, so the index implies the protocol.
struct Path {
  SocketAddress remote;
  uint32_t local_socket = 0;

  friend auto operator<=>(const Path&, const Path&) = default;

  template <typename H>
  friend H AbslHashValue(H hash, const Path& path) {
    return H::combine(std::move(hash), path.remote, path.local_socket);
  }
};

}  // namespace sfu::ice
