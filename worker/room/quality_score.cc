#include "worker/room/quality_score.h"

#include <algorithm>

namespace sfu::mediaroom {
namespace {

constexpr double kMutedScore = 100;
constexpr double kDryScore = 40;   // Packets were due and none came.
constexpr double kLostScore = 20;  // Nothing came at all.
constexpr double kFloor = 30;      // While packets do come.

// How much of the score one percent of loss costs; Opus conceals, video freezes.
double LossWeight(rtp::Codec codec) {
  if (rtp::KindOf(codec) == rtp::MediaKind::kVideo) {
    return 10;
  }
  return codec == rtp::Codec::kRed ? 4 : 8;
}

double DelayPenalty(absl::Duration round_trip, absl::Duration jitter) {
  const double delay_ms = absl::ToDoubleMilliseconds(round_trip / 2 + 2 * jitter);
  return delay_ms <= 160 ? delay_ms / 40 : (delay_ms - 120) / 10;
}

double WindowScore(const StreamWindow& window) {
  if (window.reports_missing) {
    return kLostScore;
  }
  if (window.muted) {
    return kMutedScore;
  }
  if (window.expected_packets == 0) {
    // Silence by discontinuous transmission looks the same, so only video is held to be dry.
    return rtp::KindOf(window.codec) == rtp::MediaKind::kVideo ? kDryScore : kMutedScore;
  }
  const double loss_percent = 100.0 * window.lost_packets / window.expected_packets;
  const double score = 100 - DelayPenalty(window.round_trip, window.jitter) -
                       loss_percent * LossWeight(window.codec);
  return std::max(score, kFloor);
}

}  // namespace

void QualityScore::HandleWindow(const StreamWindow& window) {
  constexpr double kUpFactor = 0.4, kDownFactor = 0.8;  // Bad news travels faster.
  const double target = WindowScore(window);
  score_ += (target - score_) * (target > score_ ? kUpFactor : kDownFactor);
}

Quality QualityScore::RatingOf(double score) {
  if (score > 80) {
    return Quality::kExcellent;
  }
  if (score > 40) {
    return Quality::kGood;
  }
  return score > 20 ? Quality::kPoor : Quality::kLost;
}

double QualityScore::MeanOpinionScore(double score) {
  return 1 + 0.035 * score + 7e-6 * score * (score - 60) * (100 - score);
}

}  // namespace sfu::mediaroom
