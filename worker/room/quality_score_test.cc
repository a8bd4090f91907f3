#include "worker/room/quality_score.h"

#include <gtest/gtest.h>

namespace sfu::mediaroom {
namespace {

StreamWindow Window(rtp::Codec codec, uint32_t expected, uint32_t lost) {
  return {.codec = codec, .expected_packets = expected, .lost_packets = lost};
}

double ScoreOf(const StreamWindow& window) {
  QualityScore score;
  for (int i = 0; i < 50; ++i) {  // Until smoothing has settled.
    score.HandleWindow(window);
  }
  return score.score();
}

TEST(QualityScoreTest, MatchesTheReferencePoints) {
  StreamWindow window = Window(rtp::Codec::kOpus, 100, 0);
  window.round_trip = absl::Milliseconds(80);
  window.jitter = absl::Milliseconds(10);
  EXPECT_NEAR(ScoreOf(window), 98.5, 0.01);
  EXPECT_NEAR(ScoreOf(Window(rtp::Codec::kOpus, 100, 5)), 60, 0.01);
  EXPECT_NEAR(ScoreOf(Window(rtp::Codec::kVp8, 100, 3)), 70, 0.01);
}

TEST(QualityScoreTest, SilentAudioIsFineAndMissingVideoIsPoor) {
  EXPECT_EQ(QualityScore::RatingOf(ScoreOf(Window(rtp::Codec::kOpus, 0, 0))), Quality::kExcellent);
  EXPECT_EQ(QualityScore::RatingOf(ScoreOf(Window(rtp::Codec::kVp8, 0, 0))), Quality::kPoor);
}

TEST(QualityScoreTest, NothingAtAllIsLost) {
  StreamWindow window = Window(rtp::Codec::kOpus, 0, 0);
  window.reports_missing = true;
  window.muted = true;
  EXPECT_EQ(QualityScore::RatingOf(ScoreOf(window)), Quality::kLost);
}

TEST(QualityScoreTest, FallsFasterThanItRecovers) {
  QualityScore score;
  score.HandleWindow(Window(rtp::Codec::kVp8, 100, 5));
  const double after_loss = score.score();
  EXPECT_NEAR(after_loss, 60, 0.01);
  score.HandleWindow(Window(rtp::Codec::kVp8, 100, 0));
  EXPECT_NEAR(score.score(), 76, 0.01);
}

TEST(QualityScoreTest, OpinionScoreSpansItsScale) {
  EXPECT_NEAR(QualityScore::MeanOpinionScore(0), 1.0, 0.01);
  EXPECT_NEAR(QualityScore::MeanOpinionScore(100), 4.5, 0.01);
}

}  // namespace
}  // namespace sfu::mediaroom
