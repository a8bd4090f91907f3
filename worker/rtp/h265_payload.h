#pragma once

#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtp {

// What an H.265 payload says about its frame (RFC 7798 §4.4): single NAL units, aggregation packets
// (48) walked through, fragmentation units (49). Only NAL unit headers are read.
//
//    0                   1
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |F|   type    |  layer id | TID+1 |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct H265Payload {
  bool nal_start = false;  // Not the continuation of a fragmented NAL unit.
  bool key_frame_start =
      false;  // A VPS (32), SPS (33), PPS (34) or IRAP slice (16..21) starts here.
  uint8_t temporal_id = 0;
  bool temporal_switch =
      false;  // A TSA or STSA slice (2..5): its temporal layer may be joined here.

  // nullopt if empty, truncated, or of a kind that cannot be walked (PACI).
  static std::optional<H265Payload> Parse(absl::Span<const uint8_t> payload);
};

}  // namespace sfu::rtp
