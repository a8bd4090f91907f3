#include "worker/receive/audio_level.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::receive {
namespace {

class AudioLevelTest : public ::testing::Test {
 protected:
  // Packets of 20 ms, of which the first `loud` in a hundred are at `level`, the others silent.
  void Talk(uint8_t level, int loud, int packets) {
    for (int i = 0; i < packets; ++i) {
      const bool is_loud = i % 20 * 5 < loud;
      timestamp_ += 960;
      clock_.Advance(absl::Milliseconds(20));
      audio_.Observe(clock_.Now(), timestamp_, 48'000, is_loud ? level : 127);
    }
  }

  SimulatedClock clock_;
  AudioLevel audio_{AudioLevel::Options()};
  int64_t timestamp_ = 0;
};

TEST_F(AudioLevelTest, ConstantLoudnessIsReportedAsIs) {
  Talk(30, 100, 1000);
  EXPECT_NEAR(audio_.Level(clock_.Now()), 0.0316, 0.0005);  // 10^(-30/20).
  EXPECT_TRUE(audio_.IsActive(clock_.Now()));
}

TEST_F(AudioLevelTest, TooLittleActivityIsSilence) {
  Talk(20, 35, 1000);
  EXPECT_EQ(audio_.Level(clock_.Now()), 0);
}

TEST_F(AudioLevelTest, PartialActivityCountsForLess) {
  Talk(20, 100, 1000);
  const double always = audio_.Level(clock_.Now());
  Talk(20, 50, 1000);
  EXPECT_NEAR(audio_.Level(clock_.Now()), always / 2, 0.005);
}

TEST_F(AudioLevelTest, QuietVoicesDoNotCount) {
  Talk(36, 100, 1000);
  EXPECT_FALSE(audio_.IsActive(clock_.Now()));
}

TEST_F(AudioLevelTest, SilenceOfTwoIntervalsIsStale) {
  Talk(30, 100, 1000);
  clock_.Advance(absl::Milliseconds(800));
  EXPECT_TRUE(audio_.IsActive(clock_.Now()));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(audio_.IsActive(clock_.Now()));
}

TEST_F(AudioLevelTest, WithoutTheExtensionTheSizeTells) {
  rtp::MediaPacket packet;
  packet.payload_size = 80;
  for (int i = 0; i < 200; ++i) {
    packet.timestamp += 960;
    clock_.Advance(absl::Milliseconds(20));
    audio_.ObservePacket(clock_.Now(), packet);
  }
  EXPECT_TRUE(audio_.IsActive(clock_.Now()));
  packet.payload_size = 2;
  packet.description.dtx = true;
  for (int i = 0; i < 400; ++i) {
    packet.timestamp += 960;
    clock_.Advance(absl::Milliseconds(20));
    audio_.ObservePacket(clock_.Now(), packet);
  }
  EXPECT_FALSE(audio_.IsActive(clock_.Now()));
}

}  // namespace
}  // namespace sfu::receive
