#pragma once

#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/rtp/extension_values.h"
#include "worker/rtp/header_extensions.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/rtp/payload_description.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::rtp {

// Where the values lie that travel on to subscribers [TX-55].
struct PassedExtensions {
  ExtensionSlice audio_level;
  ExtensionSlice absolute_capture_time;
  ExtensionSlice dependency_descriptor;
  ExtensionSlice video_orientation;
  ExtensionSlice video_content_type;
  ExtensionSlice color_space;
  ExtensionSlice playout_delay;

  static PassedExtensions From(const HeaderExtensions& extensions);
};

// One received packet (decrypted, RTX undone) with all that is known about it. Made once by
// worker/receive; read by the history and by every forwarder of the track. Lives on the room's
// media thread, as its packet does.
struct MediaPacket {
  PacketRef packet;
  int64_t sequence = 0;   // Unwrapped, of its own SSRC.
  int64_t timestamp = 0;  // Unwrapped RTP timestamp, in ticks of the codec's clock rate.
  Timestamp arrival = Timestamp::Never();
  Ssrc ssrc{0};
  Codec codec = Codec::kOpus;
  PayloadType payload_type{0};
  bool marker = false;
  uint8_t layer = 0;  // Which simulcast encoding, 0 the lowest; 0 without simulcast.
  bool is_retransmission = false;
  std::optional<AudioLevel> audio_level;
  uint16_t payload_offset = 0;  // In `packet`; the payload has no padding.
  uint16_t payload_size = 0;
  PassedExtensions extensions;
  PayloadDescription description;

  absl::Span<const uint8_t> payload() const {
    return packet.bytes().subspan(payload_offset, payload_size);
  }
  // Empty when the packet does not carry it.
  absl::Span<const uint8_t> extension(ExtensionSlice slice) const {
    return slice.In(packet.bytes());
  }
};
static_assert(sizeof(MediaPacket) <= 192, "histories hold thousands of these");

}  // namespace sfu::rtp
