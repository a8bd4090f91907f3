#include "common/net/socket_address.h"

#include <algorithm>

#include <arpa/inet.h>

namespace sfu {

SocketAddress SocketAddress::V4(std::array<uint8_t, 4> octets, uint16_t port) {
  SocketAddress address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  address.port_ = port;
  return address;
}

SocketAddress SocketAddress::V6(std::array<uint8_t, 16> octets, uint16_t port) {
  constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin())) {
    return V4({octets[12], octets[13], octets[14], octets[15]}, port);
  }
  SocketAddress address;
  address.octets_ = octets;
  address.port_ = port;
  address.is_v4_ = false;
  return address;
}

std::optional<SocketAddress> SocketAddress::Parse(std::string_view ip, uint16_t port) {
  const std::string text(ip);
  std::array<uint8_t, 4> v4;
  if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) {
    return V4(v4, port);
  }
  std::array<uint8_t, 16> v6;
  if (inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) {
    return V6(v6, port);
  }
  return std::nullopt;
}

bool SocketAddress::is_loopback() const {
  if (is_v4_) {
    return octets_[0] == 127;
  }
  return std::all_of(octets_.begin(), octets_.end() - 1,
                     [](uint8_t octet) { return octet == 0; }) &&
         octets_[15] == 1;
}

SocketAddress SocketAddress::WithPort(uint16_t port) const {
  SocketAddress address = *this;
  address.port_ = port;
  return address;
}

std::string SocketAddress::ToWireString() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, octets_.data(), text, sizeof(text));
  return text;
}

}  // namespace sfu
