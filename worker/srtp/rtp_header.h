#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::srtp {

// The little that SRTP has to know of a packet. Internal to this folder.

constexpr size_t kRtpFixedHeaderBytes = 12;
constexpr size_t kRtcpFixedHeaderBytes = 8;
constexpr size_t kRtpSsrcOffset = 8;
constexpr size_t kRtcpSsrcOffset = 4;

inline uint16_t LoadU16(const uint8_t* bytes) {
  return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
}
inline uint32_t LoadU32(const uint8_t* bytes) {
  return static_cast<uint32_t>(LoadU16(bytes)) << 16 | LoadU16(bytes + 2);
}

// Where the part to encrypt begins: after CSRCs and header extension (RFC 3711 §3.1). Returns
// nullopt if `packet` ends before that.
inline std::optional<size_t> RtpHeaderLength(absl::Span<const uint8_t> packet) {
  if (packet.size() < kRtpFixedHeaderBytes) {
    return std::nullopt;
  }
  size_t length = kRtpFixedHeaderBytes + size_t{4} * (packet[0] & 0x0f);
  const bool has_extension = (packet[0] & 0x10) != 0;
  if (has_extension) {
    if (packet.size() < length + 4) {
      return std::nullopt;
    }
    length += size_t{4} + size_t{4} * LoadU16(&packet[length + 2]);
  }
  return packet.size() < length ? std::nullopt : std::optional<size_t>(length);
}

}  // namespace sfu::srtp
