#pragma once

#include <optional>
#include <string_view>

#include "common/net/socket_address.h"

namespace sfu {

// The addresses that share their first bits, "10.0.0.0/8" or "2001:db8::/32".
class IpNetwork {
 public:
  // Nullopt unless both parts are there and the bits fit the family. Bits of the address behind the
  // prefix are allowed, and do not count.
  static std::optional<IpNetwork> Parse(std::string_view text);

  // False for an address of the other family.
  bool Contains(const SocketAddress& address) const;

 private:
  SocketAddress address_;
  int prefix_bits_ = 0;
};

}  // namespace sfu
