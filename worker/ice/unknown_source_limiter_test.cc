#include "worker/ice/unknown_source_limiter.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"

namespace sfu::ice {
namespace {

class UnknownSourceLimiterTest : public ::testing::Test {
 protected:
  int AllowedOf(int attempts, const SocketAddress& from) {
    int allowed = 0;
    for (int i = 0; i < attempts; ++i) {
      allowed += limiter_.Allow(clock_.Now(), from) ? 1 : 0;
    }
    return allowed;
  }

  SimulatedClock clock_;
  SeededRandom random_{1};
  UnknownSourceLimiter limiter_{random_, {}};
};

const SocketAddress kFirst = SocketAddress::V4({192, 0, 2, 7}, 1000);
const SocketAddress kOtherNetwork = SocketAddress::V4({198, 51, 100, 7}, 1000);

TEST_F(UnknownSourceLimiterTest, AllowsABurstThenTheRate) {
  EXPECT_EQ(AllowedOf(1000, kFirst), 200);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(AllowedOf(1000, kFirst), 50);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(AllowedOf(1000, kFirst), 200);
  EXPECT_EQ(limiter_.counters().allowed, 450u);
  EXPECT_EQ(limiter_.counters().refused_network, 2550u);
}

TEST_F(UnknownSourceLimiterTest, NeighboursShareABudgetAndOthersDoNot) {
  EXPECT_EQ(AllowedOf(300, kFirst), 200);
  EXPECT_EQ(AllowedOf(300, SocketAddress::V4({192, 0, 2, 99}, 2000)), 0);
  EXPECT_EQ(AllowedOf(300, kOtherNetwork), 200);
}

TEST_F(UnknownSourceLimiterTest, Ipv6NetworksAreSlash56) {
  EXPECT_EQ(AllowedOf(300, *SocketAddress::Parse("2001:db8:0:1200::1", 1)), 200);
  EXPECT_EQ(AllowedOf(300, *SocketAddress::Parse("2001:db8:0:12ff::1", 1)), 0);
  EXPECT_EQ(AllowedOf(300, *SocketAddress::Parse("2001:db8:0:1300::1", 1)), 200);
}

TEST_F(UnknownSourceLimiterTest, AllNetworksTogetherAreLimited) {
  int allowed = 0;
  for (int network = 0; network < 256 * 256; ++network) {
    allowed += AllowedOf(
        1, SocketAddress::V4(
               {10, static_cast<uint8_t>(network >> 8), static_cast<uint8_t>(network), 1}, 1));
  }
  EXPECT_EQ(allowed, 10'000);
  EXPECT_EQ(limiter_.counters().refused_total, 256u * 256 - 10'000);
}

TEST_F(UnknownSourceLimiterTest, AClockThatStepsBackGivesNothingAway) {
  EXPECT_EQ(AllowedOf(300, kFirst), 200);
  clock_.Advance(absl::Milliseconds(-500));
  EXPECT_EQ(AllowedOf(300, kFirst), 0);
}

}  // namespace
}  // namespace sfu::ice
