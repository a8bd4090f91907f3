#pragma once

#include <cstdint>

#include "worker/forward/frame_decision.h"
#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// Cuts off upper temporal layers where a packet's own descriptor tells them: VP8 [TX-33], H.265.
// Codecs without layers pass whole. Goes down with the next frame; goes up where the encoder says
// that a layer may be joined or, if it never says so, one layer at each frame of the base.
class TemporalSelector {
 public:
  // `packet` starts a key frame: everything may be sent.
  void Start(const rtp::MediaPacket& packet);
  void SetTarget(uint8_t max_temporal) { target_ = max_temporal; }
  FrameDecision Decide(const rtp::MediaPacket& packet);

  bool NeedsKeyframe() const { return false; }
  uint8_t current_spatial() const { return 0; }
  uint8_t current_temporal() const { return current_; }

 private:
  bool DecideFrame(const rtp::MediaPacket& packet);

  uint8_t target_ = 3;
  uint8_t current_ = 3;
  bool seen_switching_up_point_ = false;
  int64_t frame_timestamp_ = 0;
  bool frame_forwarded_ = false;
};

}  // namespace sfu::forward
