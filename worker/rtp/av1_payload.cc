#include "worker/rtp/av1_payload.h"

namespace sfu::rtp {

std::optional<Av1AggregationHeader> Av1AggregationHeader::Parse(absl::Span<const uint8_t> payload) {
  if (payload.size() < 2) {
    return std::nullopt;
  }
  Av1AggregationHeader header;
  header.starts_with_continuation = (payload[0] & 0x80) != 0;
  header.ends_incomplete = (payload[0] & 0x40) != 0;
  header.element_count = static_cast<uint8_t>(payload[0] >> 4 & 0x03);
  header.new_coded_video_sequence = (payload[0] & 0x08) != 0;
  if (header.new_coded_video_sequence && header.starts_with_continuation) {
    return std::nullopt;
  }
  return header;
}

}  // namespace sfu::rtp
