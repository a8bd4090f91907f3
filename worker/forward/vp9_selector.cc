#include "worker/forward/vp9_selector.h"

#include <algorithm>

namespace sfu::forward {

void Vp9Selector::Start(const rtp::MediaPacket& packet) {
  current_spatial_ = target_spatial_;
  current_temporal_ = target_temporal_;
  picture_timestamp_ = packet.timestamp;
  highest_in_picture_ = 0;
  highest_produced_ = 0;
}

void Vp9Selector::SetTarget(uint8_t max_spatial, uint8_t max_temporal) {
  target_spatial_ = max_spatial;
  target_temporal_ = max_temporal;
}

FrameDecision Vp9Selector::Decide(const rtp::MediaPacket& packet) {
  FrameDecision decision;
  const rtp::Vp9Descriptor* const vp9 = packet.description.vp9();
  if (vp9 == nullptr) {
    return decision;
  }
  if (packet.timestamp > picture_timestamp_) {
    BeginPicture(packet.timestamp);
  }
  if (packet.timestamp == picture_timestamp_) {
    highest_in_picture_ = std::max(highest_in_picture_, vp9->spatial_id);
    if (vp9->frame_start) {
      TrySwitchUp(*vp9);
    }
  }
  decision.forward = vp9->spatial_id <= current_spatial_ && vp9->temporal_id <= current_temporal_;
  decision.marker = packet.marker || (vp9->frame_end && vp9->spatial_id == current_spatial_);
  return decision;
}

void Vp9Selector::BeginPicture(int64_t timestamp) {
  picture_timestamp_ = timestamp;
  highest_produced_ = highest_in_picture_;
  highest_in_picture_ = 0;
  current_spatial_ = std::min(current_spatial_, target_spatial_);
  current_temporal_ = std::min(current_temporal_, target_temporal_);
}

void Vp9Selector::TrySwitchUp(const rtp::Vp9Descriptor& vp9) {
  if (!vp9.inter_picture_predicted && vp9.spatial_id == 0) {  // A key picture.
    current_spatial_ = target_spatial_;
    current_temporal_ = target_temporal_;
    return;
  }
  if (vp9.temporal_id > current_temporal_ && vp9.temporal_id <= target_temporal_ &&
      vp9.switching_up_point) {
    current_temporal_ = vp9.temporal_id;
  }
  if (vp9.spatial_id == current_spatial_ + 1 && vp9.spatial_id <= target_spatial_ &&
      !vp9.inter_picture_predicted) {
    current_spatial_ = vp9.spatial_id;
  }
}

bool Vp9Selector::NeedsKeyframe() const {
  const uint8_t produced = std::max(highest_produced_, highest_in_picture_);
  return current_spatial_ < std::min(target_spatial_, produced);
}

}  // namespace sfu::forward
