#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/rtp/extension_map.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::forward {

// The payload types under which the subscriber takes a codec.
struct OutgoingFormat {
  rtp::Codec codec = rtp::Codec::kOpus;
  rtp::PayloadType payload_type{0};
  std::optional<rtp::PayloadType> rtx_payload_type;
  bool nack = false;
};

// One track as one subscriber negotiated it.
struct ForwarderConfig {
  rtp::MediaKind kind = rtp::MediaKind::kAudio;
  rtp::Ssrc ssrc{0};
  std::optional<rtp::Ssrc> rtx_ssrc;
  std::vector<OutgoingFormat> formats;
  rtp::ExtensionMap extensions;
  bool allow_two_byte_extensions = true;  // a=extmap-allow-mixed.
  std::string mid;                        // Sent until StopSendingMid(), if MID is in the map.

  // Where the numbers start; unpredictable (RFC 3550 §5.1), the sequence number below 2^15 so that
  // it does not wrap before a receiver has locked on [TX-1, SRTP-4].
  uint16_t first_sequence = 1;
  uint16_t first_rtx_sequence = 1;
  uint32_t first_timestamp = 0;
};

}  // namespace sfu::forward
