#include "worker/receive/keyframe_requester.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu {
namespace {

constexpr absl::Duration kMinInterval = absl::Milliseconds(500);

class KeyframeRequesterTest : public ::testing::Test {
 protected:
  SimulatedClock clock_;
  KeyframeRequester requester_{kMinInterval};
};

TEST_F(KeyframeRequesterTest, IdleUntilWanted) {
  EXPECT_EQ(requester_.NextTimeout(), Timestamp::Never());
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, ManySubscribersProduceOneRequest) {
  for (int subscriber = 0; subscriber < 100; ++subscriber) {
    requester_.Want(clock_.Now());
  }
  EXPECT_TRUE(requester_.PollRequest(clock_.Now()));
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, RepeatsUntilSatisfied) {
  requester_.Want(clock_.Now());
  ASSERT_TRUE(requester_.PollRequest(clock_.Now()));

  clock_.AdvanceTo(requester_.NextTimeout());
  EXPECT_TRUE(requester_.PollRequest(clock_.Now()));

  requester_.Satisfied();
  clock_.Advance(absl::Hours(1));
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, SpacesRequestsEvenAcrossKeyframes) {
  requester_.Want(clock_.Now());
  ASSERT_TRUE(requester_.PollRequest(clock_.Now()));
  const Timestamp first = clock_.Now();
  requester_.Satisfied();

  clock_.Advance(absl::Milliseconds(10));
  requester_.Want(clock_.Now());
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
  EXPECT_EQ(requester_.NextTimeout() - first, kMinInterval);
}

}  // namespace
}  // namespace sfu
