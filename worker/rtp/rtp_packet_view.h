#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "worker/rtp/rtp_types.h"

namespace sfu::rtp {

// A read-only view of one RTP packet (RFC 3550 §5.1, [RX-2]). Owns nothing: it is valid for as long
// as the bytes it was parsed from.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                           timestamp                           |
//   |                             SSRC                              |
//   |                       CSRC, CC of them                        |
//   |    extension profile (X)      |  extension length, in words   |
class RtpPacketView {
 public:
  // Returns nullopt unless every length in the header agrees with `packet.size()`. After that no
  // accessor can fail, so callers check once.
  static std::optional<RtpPacketView> Parse(absl::Span<const uint8_t> packet);

  bool marker() const;
  PayloadType payload_type() const;
  SequenceNumber sequence_number() const;
  uint32_t timestamp() const;  // In units of the payload type's clock rate.
  Ssrc ssrc() const;

  // Which RFC 8285 form the extension block uses; 0 when there is none.
  uint16_t extension_profile() const { return extension_profile_; }
  absl::Span<const uint8_t> extension_block() const;
  size_t extension_block_offset() const { return extension_offset_; }  // 0 when there is none.

  absl::Span<const uint8_t> payload() const;  // Without padding; may be empty (probe packets).
  size_t payload_offset() const { return payload_offset_; }  // Also the size of the whole header.
  size_t padding_size() const { return packet_.size() - payload_offset_ - payload_size_; }

  absl::Span<const uint8_t> bytes() const { return packet_; }

 private:
  explicit RtpPacketView(absl::Span<const uint8_t> packet) : packet_(packet) {}

  absl::Span<const uint8_t> packet_;
  uint16_t extension_profile_ = 0;
  size_t extension_offset_ = 0;
  size_t payload_offset_ = 0;
  size_t payload_size_ = 0;
};

}  // namespace sfu::rtp
