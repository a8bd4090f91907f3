#include "common/runtime/asio_loop.h"

#include <memory>
#include <vector>

#include <absl/synchronization/notification.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu {
namespace {

using ::testing::ElementsAre;

TEST(AsioLoopTest, RunsTasksInOrderOnItsOwnThread) {
  AsioLoop loop("test");
  std::vector<int> order;
  bool current = false;
  loop.Post([&] { order.push_back(1); });
  loop.Post([&] { order.push_back(2); });
  RunAndWait(loop, [&] {
    order.push_back(3);
    current = loop.IsCurrent();
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  EXPECT_TRUE(current);
  EXPECT_FALSE(loop.IsCurrent());
}

TEST(AsioLoopTest, StopRunsWhatWasPostedBefore) {
  AsioLoop loop("test");
  bool ran = false;
  loop.Post([&] { ran = true; });
  loop.Stop();
  EXPECT_TRUE(ran);
}

TEST(AsioLoopTest, WaitingForAStoppedLoopReturnsWithoutRunningTheTask) {
  AsioLoop loop("test");
  loop.Stop();
  bool ran = false;
  RunAndWait(loop, [&] { ran = true; });
  EXPECT_FALSE(ran);
}

TEST(AsioLoopTest, TimerFiresOnceAndNotBeforeItsTime) {
  AsioLoop loop("test");
  absl::Notification fired;
  std::unique_ptr<LoopTimer> timer;
  Timestamp due = Timestamp::Never();
  Timestamp woken = Timestamp::Never();
  RunAndWait(loop, [&] {
    timer = loop.CreateTimer([&] {
      woken = loop.Now();
      fired.Notify();
    });
    due = loop.Now() + absl::Milliseconds(5);
    timer->WakeAt(due);
  });
  fired.WaitForNotification();
  EXPECT_GE(woken, due);
  RunAndWait(loop, [&] { timer.reset(); });
}

TEST(AsioLoopTest, DisarmedAndDestroyedTimersStaySilent) {
  AsioLoop loop("test");
  int fired = 0;
  absl::Notification later;
  std::unique_ptr<LoopTimer> disarmed;
  std::unique_ptr<LoopTimer> last;
  RunAndWait(loop, [&] {
    const Timestamp soon = loop.Now() + absl::Milliseconds(1);
    disarmed = loop.CreateTimer([&] { ++fired; });
    disarmed->WakeAt(soon);
    disarmed->WakeAt(Timestamp::Never());
    std::unique_ptr<LoopTimer> destroyed = loop.CreateTimer([&] { ++fired; });
    destroyed->WakeAt(soon);
    destroyed.reset();
    last = loop.CreateTimer([&] { later.Notify(); });
    last->WakeAt(soon + absl::Milliseconds(5));
  });
  later.WaitForNotification();
  EXPECT_EQ(fired, 0);
  RunAndWait(loop, [&] {
    disarmed.reset();
    last.reset();
  });
}

TEST(AsioLoopTest, ATimerMayDestroyItself) {
  AsioLoop loop("test");
  absl::Notification fired;
  std::unique_ptr<LoopTimer> timer;
  RunAndWait(loop, [&] {
    timer = loop.CreateTimer([&] {
      timer.reset();
      fired.Notify();
    });
    timer->WakeAt(loop.Now());
  });
  fired.WaitForNotification();
}

}  // namespace
}  // namespace sfu
