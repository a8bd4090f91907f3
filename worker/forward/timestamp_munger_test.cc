#include "worker/forward/timestamp_munger.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"

namespace sfu::forward {
namespace {

constexpr uint32_t kRate = 90'000;

uint64_t Ntp(double seconds) { return static_cast<uint64_t>(seconds * 4294967296.0); }

// The vector of media.md 10.2: what was sent last decides how 46000 is received.
class TimestampMungerTest : public ::testing::Test {
 protected:
  // Sends 890000 as 0, so that the offset is 890000, and `last` as what was sent last.
  TimestampMunger SentUntil(int64_t last) {
    TimestampMunger munger(0);
    munger.Start(clock_.Now(), 890'000, kRate);
    munger.NoteSent(clock_.Now(), last);
    return munger;
  }

  SimulatedClock clock_;
  rtp::SourceClock former_ = {Ntp(10.0), 900'000, Timestamp::FromMicros(0)};
  rtp::SourceClock next_ = {Ntp(10.2), 5'018'000, Timestamp::FromMicros(0)};
};

TEST_F(TimestampMungerTest, PlacesANewLayerByItsSenderReports) {
  TimestampMunger munger = SentUntil(45'000);
  ASSERT_TRUE(munger.SwitchLayer(clock_.Now(), 5'036'000, &former_, &next_, true));
  EXPECT_EQ(munger.Map(5'036'000), 46'000);
}

TEST_F(TimestampMungerTest, ASmallStepBackBecomesOneTickForward) {
  TimestampMunger munger = SentUntil(47'500);
  ASSERT_TRUE(munger.SwitchLayer(clock_.Now(), 5'036'000, &former_, &next_, true));
  EXPECT_EQ(munger.Map(5'036'000), 47'501);
}

TEST_F(TimestampMungerTest, ALargeStepBackIsRefused) {
  TimestampMunger munger = SentUntil(51'000);
  EXPECT_FALSE(munger.SwitchLayer(clock_.Now(), 5'036'000, &former_, &next_, true));
  EXPECT_EQ(munger.Map(890'000), 0);  // Nothing changed.
}

TEST_F(TimestampMungerTest, ALargeStepBackIsMadeForwardWithoutAnAlternative) {
  TimestampMunger munger = SentUntil(51'000);
  clock_.Advance(absl::Milliseconds(100));
  ASSERT_TRUE(munger.SwitchLayer(clock_.Now(), 5'036'000, &former_, &next_, false));
  EXPECT_EQ(munger.Map(5'036'000), 51'000 + 9'000);
}

TEST_F(TimestampMungerTest, WaitsASecondForReportsThenGoesByTheClock) {
  TimestampMunger munger = SentUntil(45'000);
  EXPECT_FALSE(munger.SwitchLayer(clock_.Now(), 5'036'000, &former_, nullptr, true));
  clock_.Advance(absl::Milliseconds(900));
  EXPECT_FALSE(munger.SwitchLayer(clock_.Now(), 5'036'000, nullptr, &next_, true));
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_TRUE(munger.SwitchLayer(clock_.Now(), 5'036'000, &former_, nullptr, true));
  EXPECT_EQ(munger.Map(5'036'000), 45'000 + 90'000);
}

TEST_F(TimestampMungerTest, ASourceThatContinuesAfterAPauseKeepsItsDistance) {
  TimestampMunger munger = SentUntil(45'000);
  clock_.Advance(absl::Seconds(10));
  munger.Resume(clock_.Now(), 890'000 + 45'000 + 899'000);
  EXPECT_EQ(munger.Map(890'000), 0);
}

TEST_F(TimestampMungerTest, ASourceThatStoodStillDuringAPauseIsMovedUp) {
  TimestampMunger munger = SentUntil(45'000);
  clock_.Advance(absl::Seconds(10));
  munger.Resume(clock_.Now(), 890'000 + 44'000);
  EXPECT_EQ(munger.Map(890'000 + 44'000), 45'000 + 900'000);
}

TEST_F(TimestampMungerTest, ASourceThatLeaptDuringAPauseIsMovedBack) {
  TimestampMunger munger = SentUntil(45'000);
  clock_.Advance(absl::Seconds(1));
  munger.Resume(clock_.Now(), 890'000 + 45'000 + 30 * 90'000);
  EXPECT_EQ(munger.Map(890'000 + 45'000 + 30 * 90'000), 45'000 + 90'000);
}

TEST_F(TimestampMungerTest, ARestartNeverRepeatsATimestamp) {
  TimestampMunger munger = SentUntil(45'000);
  munger.Restart(clock_.Now(), 77, kRate);
  EXPECT_EQ(munger.Map(77), 45'001);
}

class TimestampProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(TimestampProperty, StaysOnWallTimeOverAThousandNoisySwitches) {
  SeededRandom random(GetParam());
  SimulatedClock clock;
  const Timestamp begin = clock.Now();
  const auto seconds = [&] { return absl::ToDoubleSeconds(clock.Now() - begin); };
  // Each layer counts from its own origin.
  int64_t origin[3];
  for (int64_t& each : origin) {
    each = random.NextU32();
  }
  const auto source_time = [&](int layer) {
    return origin[layer] + static_cast<int64_t>(std::llround(seconds() * kRate));
  };
  const auto report = [&](int layer) {
    const double noise = (static_cast<double>(random.NextBelow(100'001)) - 50'000) / 1e6;
    return rtp::SourceClock{Ntp(1000 + seconds() + noise), source_time(layer), clock.Now()};
  };
  TimestampMunger munger(1000);
  int layer = 0;
  munger.Start(clock.Now(), source_time(0), kRate);
  int64_t last = 1000;
  int switches = 0;
  while (switches < 1000) {
    const int next = static_cast<int>((static_cast<uint32_t>(layer) + 1 + random.NextBelow(2)) % 3);
    for (int frame = 0; frame < 30; ++frame) {
      clock.Advance(absl::Microseconds(33'333));
      const int64_t out = munger.Map(source_time(layer));
      ASSERT_GT(out, last) << "seed " << GetParam();
      ASSERT_EQ(munger.Map(source_time(layer)), out);
      last = out;
      munger.NoteSent(clock.Now(), out);
    }
    clock.Advance(absl::Microseconds(33'333));
    const rtp::SourceClock from = report(layer);
    const rtp::SourceClock to = report(next);
    if (munger.SwitchLayer(clock.Now(), source_time(next), &from, &to, true)) {
      layer = next;
      ++switches;
      ASSERT_GT(munger.Map(source_time(layer)), last) << "seed " << GetParam();
      last = munger.Map(source_time(layer));
    }
  }
  const double rate = static_cast<double>(last - 1000) / seconds();
  EXPECT_NEAR(rate / kRate, 1.0, 0.01) << "seed " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seeds, TimestampProperty, ::testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace sfu::forward
