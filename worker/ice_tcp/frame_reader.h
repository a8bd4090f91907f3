#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/functional/function_ref.h>
#include <absl/types/span.h>

namespace sfu::ice_tcp {

// In front of every packet on a TCP connection (RFC 4571 §2, [TCP-2]):
//
//    0                   1
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//   +-------------------------------+----------------------
//   |    length of the packet       | STUN, DTLS or SRTP ...
//   +-------------------------------+----------------------
inline constexpr size_t kLengthBytes = 2;

// Cuts the bytes of one connection into packets again, however the network has divided them. Keeps
// at most one unfinished packet.
class FrameReader {
 public:
  // Nobody who speaks our protocols sends more [TCP-3]; what claims to is something else.
  static constexpr size_t kMaxFrameBytes = 8192;

  // The packet is valid during the call.
  using Handler = absl::FunctionRef<void(absl::Span<const uint8_t> packet)>;

  // Calls `handle` for each packet that `bytes` complete, in order. Empty packets, which the RFC
  // allows, are passed over. False if the stream is not one of packets: it then takes no more.
  [[nodiscard]] bool Read(absl::Span<const uint8_t> bytes, Handler handle);

 private:
  bool broken_ = false;
  std::vector<uint8_t> unfinished_;  // The length and what has come of the packet.
};

}  // namespace sfu::ice_tcp
