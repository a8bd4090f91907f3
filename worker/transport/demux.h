#pragma once

#include <cstdint>

#include <absl/types/span.h>

namespace sfu::transport {

// What a datagram is, by its first byte (RFC 7983 §7, media.md 1.1):
//
//     0..3    STUN
//    16..19   ZRTP              -> unknown
//    20..63   DTLS
//    64..79   TURN ChannelData  -> unknown: there is no TURN on a media port
//   128..191  RTP, or RTCP if the second byte is 192..223 (RFC 5761 §4)
//
// Nothing is said about the rest of the datagram; an empty one, or one byte of RTP, is unknown.
enum class DatagramKind : uint8_t { kUnknown, kStun, kDtls, kRtp, kRtcp };

inline DatagramKind Classify(absl::Span<const uint8_t> datagram) {
  if (datagram.empty()) {
    return DatagramKind::kUnknown;
  }
  const uint8_t first = datagram[0];
  if (first >= 128 && first <= 191) {
    if (datagram.size() < 2) {
      return DatagramKind::kUnknown;
    }
    const uint8_t second = datagram[1];
    return second >= 192 && second <= 223 ? DatagramKind::kRtcp : DatagramKind::kRtp;
  }
  if (first <= 3) {
    return DatagramKind::kStun;
  }
  if (first >= 20 && first <= 63) {
    return DatagramKind::kDtls;
  }
  return DatagramKind::kUnknown;
}

}  // namespace sfu::transport
