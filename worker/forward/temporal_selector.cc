#include "worker/forward/temporal_selector.h"

namespace sfu::forward {

void TemporalSelector::Start(const rtp::MediaPacket& packet) {
  current_ = target_;
  seen_switching_up_point_ = false;
  frame_timestamp_ = packet.timestamp;
  frame_forwarded_ = true;
}

FrameDecision TemporalSelector::Decide(const rtp::MediaPacket& packet) {
  FrameDecision decision;
  decision.marker = packet.marker;
  if (packet.timestamp < frame_timestamp_) {
    decision.forward = packet.description.temporal_id <= current_;
    return decision;
  }
  if (packet.timestamp > frame_timestamp_) {
    frame_timestamp_ = packet.timestamp;
    frame_forwarded_ = DecideFrame(packet);
  }
  decision.forward = frame_forwarded_;
  return decision;
}

bool TemporalSelector::DecideFrame(const rtp::MediaPacket& packet) {
  const uint8_t layer = packet.description.temporal_id;
  seen_switching_up_point_ =
      seen_switching_up_point_ || (layer > 0 && packet.description.switching_up_point);
  if (current_ > target_ || packet.description.key_frame_start) {
    current_ = target_;
  } else if (layer > current_ && layer <= target_ && packet.description.switching_up_point) {
    current_ = layer;
  } else if (layer == 0 && current_ < target_ && !seen_switching_up_point_) {
    ++current_;
  }
  return layer <= current_;
}

}  // namespace sfu::forward
