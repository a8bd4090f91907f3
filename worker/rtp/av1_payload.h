#pragma once

#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtp {

// The AV1 aggregation header (AV1 RTP specification, §4.4). What follows is not read: with a
// dependency descriptor there is no need to, and without one there is no scalability.
//
//    0 1 2 3 4 5 6 7
//   +-+-+-+-+-+-+-+-+
//   |Z|Y| W |N|-|-|-|
//   +-+-+-+-+-+-+-+-+
struct Av1AggregationHeader {
  bool starts_with_continuation = false;  // Z: the first element continues the previous packet's.
  bool ends_incomplete = false;           // Y: the last element continues in the next packet.
  uint8_t element_count = 0;              // W; 0: every element has its length in front.
  bool new_coded_video_sequence = false;  // N: a key frame with its sequence header starts here.

  // nullopt if empty, without a byte behind it, or with N and Z both set (not allowed).
  static std::optional<Av1AggregationHeader> Parse(absl::Span<const uint8_t> payload);
};

}  // namespace sfu::rtp
