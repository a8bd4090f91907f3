#include "common/net/ip_network.h"

#include <charconv>

namespace sfu {

std::optional<IpNetwork> IpNetwork::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<SocketAddress> address = SocketAddress::Parse(text.substr(0, slash), 0);
  const std::string_view bits = text.substr(slash + 1);
  int prefix_bits = -1;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix_bits);
  if (!address || error != std::errc() || end != bits.data() + bits.size() || prefix_bits < 0 ||
      prefix_bits > (address->is_v4() ? 32 : 128)) {
    return std::nullopt;
  }
  IpNetwork network;
  network.address_ = *address;
  network.prefix_bits_ = prefix_bits;
  return network;
}

bool IpNetwork::Contains(const SocketAddress& address) const {
  if (address.is_v4() != address_.is_v4()) {
    return false;
  }
  const absl::Span<const uint8_t> ours = address_.ip();
  const absl::Span<const uint8_t> theirs = address.ip();
  int remaining = prefix_bits_;
  for (size_t i = 0; remaining > 0; ++i, remaining -= 8) {
    const int ignored_bits = remaining < 8 ? 8 - remaining : 0;
    if ((ours[i] ^ theirs[i]) >> ignored_bits != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace sfu
