#include "worker/room/deadline_queue.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::mediaroom {
namespace {

class DeadlineQueueTest : public ::testing::Test {
 protected:
  Timestamp In(int milliseconds) const { return clock_.Now() + absl::Milliseconds(milliseconds); }

  SimulatedClock clock_;
  DeadlineQueue<int> queue_;
};

TEST_F(DeadlineQueueTest, TakesOutWhatIsDueEarliestFirst) {
  queue_.Arm(1, In(20));
  queue_.Arm(2, In(10));
  queue_.Arm(3, In(30));
  clock_.Advance(absl::Milliseconds(20));
  EXPECT_EQ(queue_.PollDue(clock_.Now()), 2);
  EXPECT_EQ(queue_.PollDue(clock_.Now()), 1);
  EXPECT_FALSE(queue_.PollDue(clock_.Now()).has_value());
  EXPECT_EQ(queue_.NextTimeout(), In(10));
}

TEST_F(DeadlineQueueTest, AnEarlierDeadlineReplacesALaterOne) {
  queue_.Arm(1, In(20));
  queue_.Arm(1, In(5));
  EXPECT_EQ(queue_.NextTimeout(), In(5));
}

TEST_F(DeadlineQueueTest, ALaterDeadlineWaitsForTheArmedOneToFire) {
  queue_.Arm(1, In(5));
  queue_.Arm(1, In(20));
  EXPECT_EQ(queue_.NextTimeout(), In(5));
}

TEST_F(DeadlineQueueTest, NeverArmsNothingAndDisarmForgets) {
  queue_.Arm(1, Timestamp::Never());
  EXPECT_EQ(queue_.NextTimeout(), Timestamp::Never());
  queue_.Arm(1, In(5));
  queue_.Disarm(1);
  EXPECT_EQ(queue_.NextTimeout(), Timestamp::Never());
}

}  // namespace
}  // namespace sfu::mediaroom
