#pragma once

#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtp {

// What an H.264 payload says about its frame (RFC 6184 §5): single NAL units, STAP-A (24) walked
// through, FU-A (28). Only NAL unit headers are read.
struct H264Payload {
  bool nal_start = false;        // Not the continuation of a fragmented NAL unit.
  bool key_frame_start = false;  // An SPS (7) or IDR slice (5) starts here.

  // nullopt if empty, truncated, or of a kind that WebRTC does not use (STAP-B, MTAP, FU-B).
  static std::optional<H264Payload> Parse(absl::Span<const uint8_t> payload);
};

}  // namespace sfu::rtp
