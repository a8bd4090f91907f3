#include "controller/server/graceful_stop.h"

#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace sfu::server {
namespace {

using ::testing::ElementsAre;

// A controller whose people leave, one at each look.
class CountedController : public Controller {
 public:
  explicit CountedController(size_t people) : people_(people) {}

  uint16_t port() const override { return 0; }
  const std::string& node_id() const override { return node_id_; }
  void Drain() override { calls.emplace_back("drain"); }
  size_t CountParticipants() override {
    calls.emplace_back("count");
    return stay_ ? people_ : people_--;
  }
  void Stop() override { calls.emplace_back("stop"); }

  void Stay() { stay_ = true; }

  std::vector<std::string> calls;

 private:
  std::string node_id_;
  size_t people_;
  bool stay_ = false;
};

void Signal(int number) { kill(getpid(), number); }

TEST(GracefulStopTest, NobodyThereNobodyWaitedFor) {
  StopSignal signals;
  CountedController controller(0);
  Signal(SIGTERM);
  DrainOnSignal(controller, absl::ZeroDuration(), signals);
  StopUnlessForced(controller, signals);
  EXPECT_THAT(controller.calls, ElementsAre("drain", "count", "stop"));
}

TEST(GracefulStopTest, WaitsForTheLastToLeave) {
  StopSignal signals;
  CountedController controller(2);
  Signal(SIGINT);
  DrainOnSignal(controller, absl::ZeroDuration(), signals);
  EXPECT_THAT(controller.calls, ElementsAre("drain", "count", "count", "count"));
}

TEST(GracefulStopTest, ASecondSignalOfAnyKindEndsTheWait) {
  for (const int second : {SIGINT, SIGTERM, SIGQUIT}) {
    StopSignal signals;
    CountedController controller(7);
    controller.Stay();
    Signal(second == SIGINT ? SIGTERM : SIGINT);
    Signal(second);
    DrainOnSignal(controller, absl::ZeroDuration(), signals);
    EXPECT_THAT(controller.calls, ElementsAre("drain", "count"));
  }
}

TEST(GracefulStopTest, TheWaitIsAsLongAsConfigured) {
  StopSignal signals;
  CountedController controller(7);
  controller.Stay();
  Signal(SIGTERM);
  DrainOnSignal(controller, absl::Milliseconds(500), signals);
  EXPECT_THAT(controller.calls, ElementsAre("drain", "count", "count", "count"));
}

}  // namespace
}  // namespace sfu::server
