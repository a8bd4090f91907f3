#pragma once

#include <cstddef>
#include <cstdint>

#include "common/net/socket_address.h"

namespace sfu::ice {

// What strangers are counted by: an IPv4 /24, or an IPv6 /56, which is what one customer usually
// gets. Equal numbers, same network.
inline uint64_t SourceNetworkOf(const SocketAddress& address) {
  constexpr size_t kIpv4PrefixBytes = 3;
  constexpr size_t kIpv6PrefixBytes = 7;
  uint64_t prefix = address.is_v4() ? 4 : 6;
  for (const uint8_t byte :
       address.ip().first(address.is_v4() ? kIpv4PrefixBytes : kIpv6PrefixBytes)) {
    prefix = prefix << 8 | byte;
  }
  return prefix;
}

}  // namespace sfu::ice
