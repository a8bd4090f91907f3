#pragma once

#include <cstdint>

#include <absl/time/time.h>

#include "worker/rtp/rtp_types.h"

namespace sfu::mediaroom {

// livekit.ConnectionQuality, by value.
enum class Quality : uint8_t { kPoor = 0, kGood = 1, kExcellent = 2, kLost = 3 };

// What one stream went through during one window, in either direction.
struct StreamWindow {
  rtp::Codec codec = rtp::Codec::kOpus;
  uint32_t expected_packets = 0;  // By sequence number, so that a silent period loses nothing.
  uint32_t lost_packets = 0;
  uint32_t out_of_order_packets = 0;  // Not held against the stream: receivers put them in order.
  absl::Duration round_trip = absl::ZeroDuration();
  absl::Duration jitter = absl::ZeroDuration();
  bool muted = false;
  bool reports_missing = false;  // Nothing came back for long: neither packets nor RTCP.
};

// The score of one stream over time, 0 to 100 [CQ-2, CQ-3]. Pure state.
class QualityScore {
 public:
  void HandleWindow(const StreamWindow& window);

  double score() const { return score_; }
  Quality quality() const { return RatingOf(score_); }

  static Quality RatingOf(double score);         // [CQ-4]
  static double MeanOpinionScore(double score);  // 1 to 4.5 [CQ-4].

 private:
  double score_ = 100;
};

}  // namespace sfu::mediaroom
