#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "worker/rtp/packet_buffer.h"

namespace sfu::rtp {

// One packet that a forwarder decided to send: a complete header, a rewritten piece of payload, and
// a reference to the received packet for the rest. Nothing of the payload is copied until egress
// joins the parts in the socket's send slab:
//
//   | header (with extension block) | prefix | source[payload_offset, +payload_size) | padding |
struct OutgoingPacket {
  // The order in which the pacer sends [pacing]; also tells what a packet is for.
  enum class Priority : uint8_t { kAudio, kRetransmission, kVideo, kPadding };

  static constexpr size_t kMaxHeaderSize = 120;
  static constexpr size_t kMaxPrefixSize = 32;

  PacketRef source;             // Empty when payload_size is 0.
  uint16_t payload_offset = 0;  // In `source`.
  uint16_t payload_size = 0;
  uint8_t header_size = 0;
  uint8_t prefix_size = 0;  // Rewritten VP8 descriptor, or RTX's original sequence number and that.
  uint8_t padding_size = 0;  // If not 0, the header's P bit must be set; the last byte counts them.
  Priority priority = Priority::kVideo;
  // Where in `header` the values stamped at the moment of sending are; 0 when it has none.
  uint8_t transport_sequence_offset = 0;
  uint8_t absolute_send_time_offset = 0;
  std::array<uint8_t, kMaxHeaderSize> header;
  std::array<uint8_t, kMaxPrefixSize> prefix;

  // Of the plain RTP packet.
  size_t size() const { return size_t{header_size} + prefix_size + payload_size + padding_size; }

  // Joins the parts at the front of `out`, which must hold size() bytes.
  void CopyTo(absl::Span<uint8_t> out) const;
};
static_assert(sizeof(OutgoingPacket) <= 176, "thousands of these wait in pacers");

}  // namespace sfu::rtp
