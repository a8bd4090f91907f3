#include "worker/receive/keyframe_requester.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::receive {
namespace {

constexpr absl::Duration kMinInterval = absl::Milliseconds(300);

class KeyframeRequesterTest : public ::testing::Test {
 protected:
  // How many requests go out while time passes, with everybody who waits asking again and again.
  int RequestsDuring(KeyframeRequester& requester, absl::Duration duration) {
    const Timestamp end = clock_.Now() + duration;
    int requests = 0;
    while (clock_.Now() < end) {
      requester.Want(clock_.Now());
      requests += requester.PollRequest(clock_.Now()) ? 1 : 0;
      clock_.Advance(absl::Milliseconds(10));
    }
    return requests;
  }

  SimulatedClock clock_;
  KeyframeRequester requester_;
};

TEST_F(KeyframeRequesterTest, IdleUntilWanted) {
  EXPECT_EQ(requester_.NextTimeout(), Timestamp::Never());
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, ThousandsOfSubscribersProduceOneRequest) {
  for (int subscriber = 0; subscriber < 3000; ++subscriber) {
    requester_.Want(clock_.Now());
  }
  EXPECT_TRUE(requester_.PollRequest(clock_.Now()));
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, SubscribersJoiningAllTheTimeCauseOneRequestPerInterval) {
  int requests = 0;
  for (int subscriber = 0; subscriber < 3000; ++subscriber) {  // One per millisecond.
    requester_.Want(clock_.Now());
    if (requester_.PollRequest(clock_.Now())) {
      ++requests;
      requester_.HandleKeyframe(clock_.Now());  // Answered at once.
    }
    clock_.Advance(absl::Milliseconds(1));
  }
  EXPECT_EQ(requests, 10);
}

TEST_F(KeyframeRequesterTest, RepeatsUntilAKeyframeComes) {
  requester_.Want(clock_.Now());
  ASSERT_TRUE(requester_.PollRequest(clock_.Now()));

  clock_.AdvanceTo(requester_.NextTimeout());
  EXPECT_TRUE(requester_.PollRequest(clock_.Now()));

  requester_.HandleKeyframe(clock_.Now());
  clock_.Advance(absl::Hours(1));
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, BacksOffToOncePerSecond) {
  requester_.Want(clock_.Now());
  ASSERT_TRUE(requester_.PollRequest(clock_.Now()));
  for (const int expected_ms : {300, 450, 675, 1000, 1000}) {
    const absl::Duration interval = requester_.NextTimeout() - clock_.Now();
    EXPECT_EQ(absl::ToInt64Milliseconds(interval + absl::Microseconds(500)), expected_ms);
    clock_.AdvanceTo(requester_.NextTimeout());
    ASSERT_TRUE(requester_.PollRequest(clock_.Now()));
  }
}

TEST_F(KeyframeRequesterTest, SpacesRequestsEvenAcrossKeyframes) {
  requester_.Want(clock_.Now());
  ASSERT_TRUE(requester_.PollRequest(clock_.Now()));
  const Timestamp first = clock_.Now();
  requester_.HandleKeyframe(clock_.Now());

  clock_.Advance(absl::Milliseconds(10));
  requester_.Want(clock_.Now());
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
  EXPECT_EQ(requester_.NextTimeout() - first, kMinInterval);
}

TEST_F(KeyframeRequesterTest, WaitsForTheAnswerOnLongPaths) {
  requester_.SetRoundTripTime(absl::Milliseconds(400));
  requester_.Want(clock_.Now());
  ASSERT_TRUE(requester_.PollRequest(clock_.Now()));
  EXPECT_EQ(requester_.NextTimeout() - clock_.Now(), absl::Milliseconds(600));
}

TEST_F(KeyframeRequesterTest, AFreshKeyframeIsNotAskedForAgain) {
  requester_.HandleKeyframe(clock_.Now());
  clock_.Advance(absl::Milliseconds(50));
  requester_.Want(clock_.Now());
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
  clock_.Advance(absl::Milliseconds(50));
  EXPECT_TRUE(requester_.PollRequest(clock_.Now()));
}

TEST_F(KeyframeRequesterTest, HugeKeyframesAreRationed) {
  KeyframeRequester screen({absl::Seconds(1), absl::Seconds(1), 6});
  EXPECT_EQ(RequestsDuring(screen, absl::Seconds(10)), 6);
  EXPECT_EQ(RequestsDuring(screen, absl::Seconds(10)), 6);
}

TEST_F(KeyframeRequesterTest, StopsWhenCancelled) {
  requester_.Want(clock_.Now());
  requester_.Cancel();
  EXPECT_FALSE(requester_.PollRequest(clock_.Now()));
}

}  // namespace
}  // namespace sfu::receive
