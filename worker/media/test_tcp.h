#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/types/span.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common/base/check.h"
#include "common/net/socket_address.h"
#include "worker/media/descriptor.h"

// The client's end of TCP connections on loopback, blocking, for tests.
namespace sfu::media {

inline Descriptor NewTcpSocket() {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SFU_CHECK(socket.value() >= 0);
  const timeval limit = {.tv_sec = 20, .tv_usec = 0};
  setsockopt(socket.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  return socket;
}

inline sockaddr_in LoopbackAt(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class TcpClient {
 public:
  // `receive_buffer_bytes` of 0 leaves it to the system.
  explicit TcpClient(uint16_t port, int receive_buffer_bytes = 0) : socket_(NewTcpSocket()) {
    if (receive_buffer_bytes != 0) {
      setsockopt(socket_.value(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof(receive_buffer_bytes));
    }
    const sockaddr_in address = LoopbackAt(port);
    SFU_CHECK(connect(socket_.value(), reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)) == 0);
  }

  void Send(absl::Span<const uint8_t> bytes) {
    SFU_CHECK(send(socket_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(bytes.size()));
  }
  void SendPacket(absl::Span<const uint8_t> packet) { Send(Framed(packet)); }

  static std::vector<uint8_t> Framed(absl::Span<const uint8_t> packet) {
    std::vector<uint8_t> frame = {static_cast<uint8_t>(packet.size() >> 8),
                                  static_cast<uint8_t>(packet.size())};
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
  }

  // The next packet; nullopt at the end of the connection, or after 20 s.
  std::optional<std::vector<uint8_t>> ReceivePacket() {
    const auto length = ReceiveBytes(2);
    return length ? ReceiveBytes(size_t{(*length)[0]} << 8 | (*length)[1]) : std::nullopt;
  }

  int descriptor() const { return socket_.value(); }

 private:
  std::optional<std::vector<uint8_t>> ReceiveBytes(size_t size) {
    std::vector<uint8_t> bytes(size);
    if (size != 0 &&
        recv(socket_.value(), bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) {
      return std::nullopt;
    }
    return bytes;
  }

  Descriptor socket_;
};

// A listening socket that accepts without asking.
class TcpServer {
 public:
  TcpServer() : socket_(NewTcpSocket()) {
    const sockaddr_in address = LoopbackAt(0);
    SFU_CHECK(bind(socket_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
              0);
    SFU_CHECK(listen(socket_.value(), 16) == 0);
  }

  uint16_t port() const {
    sockaddr_in address = {};
    socklen_t size = sizeof(address);
    SFU_CHECK(getsockname(socket_.value(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    return ntohs(address.sin_port);
  }

  // The connection, and who is at its other end.
  std::pair<Descriptor, SocketAddress> Accept() {
    sockaddr_in address = {};
    socklen_t size = sizeof(address);
    Descriptor accepted(accept(socket_.value(), reinterpret_cast<sockaddr*>(&address), &size));
    SFU_CHECK(accepted.value() >= 0);
    return {std::move(accepted), SocketAddress::V4({127, 0, 0, 1}, ntohs(address.sin_port))};
  }

 private:
  Descriptor socket_;
};

}  // namespace sfu::media
