#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/types/span.h>

namespace sfu {

// An IPv4 or IPv6 address and port, as a plain value.
//
// Deliberately has no stream operator and no fmt formatter: an address identifies a person. Code
// that must put it on the wire calls ToWireString(); code that logs it wraps it in Redacted().
class SocketAddress {
 public:
  SocketAddress() = default;  // 0.0.0.0:0.

  static SocketAddress V4(std::array<uint8_t, 4> octets, uint16_t port);
  // An IPv4-mapped address (::ffff:a.b.c.d) becomes the IPv4 one, so that each peer has one form.
  static SocketAddress V6(std::array<uint8_t, 16> octets, uint16_t port);

  // Takes a literal such as "192.0.2.7" or "2001:db8::7"; host names give nullopt.
  static std::optional<SocketAddress> Parse(std::string_view ip, uint16_t port);

  uint16_t port() const { return port_; }
  bool is_v4() const { return is_v4_; }
  bool is_loopback() const;
  // 4 or 16 bytes, network order.
  absl::Span<const uint8_t> ip() const {
    return absl::MakeConstSpan(octets_.data(), is_v4_ ? 4 : 16);
  }

  SocketAddress WithPort(uint16_t port) const;

  // The IP only, for SDP and ICE candidates: "192.0.2.7", "2001:db8::7".
  std::string ToWireString() const;

  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;

  template <typename H>
  friend H AbslHashValue(H hash, const SocketAddress& address) {
    return H::combine(std::move(hash), address.octets_, address.port_, address.is_v4_);
  }

 private:
  std::array<uint8_t, 16> octets_{};  // IPv4 uses the first four; the rest stay zero.
  uint16_t port_ = 0;
  bool is_v4_ = true;
};

}  // namespace sfu
