#pragma once

#include <cstdint>

namespace sfu::srtp {

// Why a packet was not processed; the caller drops it and counts by reason.
enum class DropReason : uint8_t {
  kMalformed,       // Not RTP/RTCP, or shorter than its own header and the tag.
  kAuthentication,  // The tag is wrong: forged, damaged, or under another key.
  kReplay,          // Seen before, or more than 1,024 packets old [SRTP-3].
  kTooManyStreams,  // A new SSRC beyond kMaxInboundStreams or kMaxOutboundStreams.
};

}  // namespace sfu::srtp
