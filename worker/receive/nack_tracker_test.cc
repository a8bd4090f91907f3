#include "worker/receive/nack_tracker.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"

namespace sfu::receive {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NackTrackerTest : public ::testing::Test {
 protected:
  std::vector<uint16_t> Poll(NackTracker& tracker) {
    std::vector<rtp::SequenceNumber> missing;
    tracker.PollMissing(clock_.Now(), missing);
    std::vector<uint16_t> numbers;
    for (const rtp::SequenceNumber number : missing) {
      numbers.push_back(number.value());
    }
    return numbers;
  }

  SimulatedClock clock_;
  NackTracker video_{NackTracker::ForVideo()};
  NackTracker audio_{NackTracker::ForAudio()};
};

TEST_F(NackTrackerTest, AsksForAGapAfterTheGuardAgainstReordering) {
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 10));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 12));
  EXPECT_THAT(Poll(video_), IsEmpty());
  EXPECT_EQ(video_.NextTimeout(), clock_.Now() + absl::Milliseconds(10));
  clock_.AdvanceTo(video_.NextTimeout());
  EXPECT_THAT(Poll(video_), ElementsAre(11));
  EXPECT_THAT(Poll(video_), IsEmpty());
}

TEST_F(NackTrackerTest, ReorderedPacketsAreNotAskedFor) {
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 10));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 12));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 11));
  EXPECT_EQ(video_.NextTimeout(), Timestamp::Never());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Poll(video_), IsEmpty());
  EXPECT_EQ(video_.recovered(), 0u);
}

TEST_F(NackTrackerTest, ThreeNewerPacketsEndTheWait) {
  for (const int64_t sequence : {10, 12, 13, 14}) {
    EXPECT_TRUE(video_.HandlePacket(clock_.Now(), sequence));
  }
  EXPECT_THAT(Poll(video_), ElementsAre(11));
}

TEST_F(NackTrackerTest, AsksAgainEveryRoundTripAndEverMoreSlowly) {
  video_.SetRoundTripTime(absl::Milliseconds(80));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 10));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 12));
  clock_.AdvanceTo(video_.NextTimeout());
  EXPECT_THAT(Poll(video_), ElementsAre(11));
  for (const int expected_ms : {80, 100, 125, 156}) {
    EXPECT_EQ(absl::ToInt64Milliseconds(video_.NextTimeout() - clock_.Now()), expected_ms);
    clock_.AdvanceTo(video_.NextTimeout());
    EXPECT_THAT(Poll(video_), ElementsAre(11));
  }
}

TEST_F(NackTrackerTest, AudioIsAskedForTwiceAndOnShortPathsOnly) {
  EXPECT_TRUE(audio_.HandlePacket(clock_.Now(), 10));
  EXPECT_TRUE(audio_.HandlePacket(clock_.Now(), 12));
  int asked = 0;
  while (audio_.NextTimeout() != Timestamp::Never()) {
    clock_.AdvanceTo(audio_.NextTimeout());
    asked += static_cast<int>(Poll(audio_).size());
  }
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(audio_.given_up(), 1u);

  audio_.SetRoundTripTime(absl::Milliseconds(151));
  EXPECT_TRUE(audio_.HandlePacket(clock_.Now(), 20));
  clock_.Advance(absl::Milliseconds(50));
  EXPECT_THAT(Poll(audio_), IsEmpty());
}

TEST_F(NackTrackerTest, AHugeGapIsLeftToAKeyFrame) {
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 10));
  EXPECT_FALSE(video_.HandlePacket(clock_.Now(), 511));
  EXPECT_EQ(video_.size(), 0u);
  EXPECT_EQ(video_.NextTimeout(), Timestamp::Never());
}

TEST_F(NackTrackerTest, WhatAKeyFrameMakesUselessIsForgotten) {
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 10));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 15));
  video_.ForgetBefore(13);
  clock_.Advance(absl::Milliseconds(50));
  EXPECT_THAT(Poll(video_), ElementsAre(13, 14));
}

TEST_F(NackTrackerTest, NothingIsAskedForWhileNobodyConsumes) {
  video_.SetEnabled(false);
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 10));
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 15));
  EXPECT_EQ(video_.size(), 0u);
  video_.SetEnabled(true);
  EXPECT_TRUE(video_.HandlePacket(clock_.Now(), 17));
  clock_.Advance(absl::Milliseconds(50));
  EXPECT_THAT(Poll(video_), ElementsAre(16));
}

// However packets come: bounded, no number too often, none twice within a round trip.
TEST_F(NackTrackerTest, NeverAsksTooOftenOrTooMuch) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SeededRandom random(seed);
    NackTracker tracker{NackTracker::ForVideo()};
    std::map<uint16_t, int> tries;
    std::map<uint16_t, Timestamp> last;
    int64_t sequence = 0;
    for (int step = 0; step < 5'000; ++step) {
      clock_.Advance(absl::Milliseconds(1));
      sequence += random.NextBelow(500) == 0 ? random.NextBelow(600) : 1;
      if (random.NextBelow(5) != 0) {
        (void)tracker.HandlePacket(clock_.Now(), sequence - (random.NextBelow(10) == 0 ? 3 : 0));
      }
      ASSERT_LE(tracker.size(), 1000u);
      for (const uint16_t number : Poll(tracker)) {
        ASSERT_LE(++tries[number], 10) << "seed " << seed;
        if (const auto found = last.find(number); found != last.end()) {
          ASSERT_GE(clock_.Now() - found->second, absl::Milliseconds(70)) << "seed " << seed;
        }
        last.insert_or_assign(number, clock_.Now());
      }
    }
    EXPECT_GT(tracker.requested(), 500u);
  }
}

}  // namespace
}  // namespace sfu::receive
