#pragma once

#include <cstdint>

#include "worker/forward/frame_decision.h"
#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// Cuts off upper spatial and temporal layers of VP9 by its payload descriptor [TX-34] (RFC 9628).
// Down at the next picture. Up temporally at a switching-up point, spatially where a layer's frame
// needs no earlier picture; mostly that is a key frame, which is asked for as long as a wanted
// layer is being produced.
class Vp9Selector {
 public:
  void Start(const rtp::MediaPacket& packet);
  void SetTarget(uint8_t max_spatial, uint8_t max_temporal);
  FrameDecision Decide(const rtp::MediaPacket& packet);

  bool NeedsKeyframe() const;
  uint8_t current_spatial() const { return current_spatial_; }

 private:
  void BeginPicture(int64_t timestamp);
  void TrySwitchUp(const rtp::Vp9Descriptor& vp9);

  uint8_t target_spatial_ = 2;
  uint8_t target_temporal_ = 3;
  uint8_t current_spatial_ = 0;
  uint8_t current_temporal_ = 0;
  int64_t picture_timestamp_ = 0;
  // Highest spatial layer seen in this picture, and in the last complete one.
  uint8_t highest_in_picture_ = 0;
  uint8_t highest_produced_ = 0;
};

}  // namespace sfu::forward
