#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "worker/rtp/packet_buffer.h"
#include "worker/rtp/rtp_packet_view.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::rtp {

// Retransmission payloads (RFC 4588 §4, [RX-13], [TX-47]): the original sequence number, then the
// original payload.
//
//    0                   1
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  original sequence number     |  original payload ...
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
inline constexpr size_t kOriginalSequenceSize = 2;

// nullopt for a payload with nothing behind the number: bandwidth probes look like that.
std::optional<SequenceNumber> OriginalSequence(absl::Span<const uint8_t> rtx_payload);
void WriteOriginalSequence(SequenceNumber original, absl::Span<uint8_t> out);

// Turns the RTX packet in `packet`, which must parse and be held by nobody else, into the packet
// that was lost: media SSRC, media payload type, original number; timestamp, marker, extensions and
// padding stay. Moves the header, not the payload. False, and nothing changed, for a probe.
bool RestoreOriginal(PacketRef& packet, Ssrc media_ssrc, PayloadType media_payload_type);

}  // namespace sfu::rtp
