#include "controller/server/graceful_stop.h"

#include <cstdlib>
#include <optional>
#include <thread>

#include <absl/synchronization/notification.h>

#include "common/log/log.h"

namespace sfu::server {
namespace {

// The last one to leave should not keep a restart waiting; the log need not hear of it that often.
constexpr absl::Duration kLook = absl::Milliseconds(250);
constexpr absl::Duration kReport = absl::Seconds(5);

void LogRequest(int signal, bool force) {
  log::Write(log::Level::kInfo, "exit requested, shutting down",
             {{"signal", signal}, {"force", force}});
}

}  // namespace

void DrainOnSignal(Controller& controller, absl::Duration drain_timeout, StopSignal& signals) {
  LogRequest(signals.Wait().value_or(0), /*force=*/false);
  controller.Drain();
  absl::Duration waited;
  for (size_t people = controller.CountParticipants(); people > 0;
       people = controller.CountParticipants()) {
    if (drain_timeout > absl::ZeroDuration() && waited >= drain_timeout) {
      log::Write(log::Level::kInfo, "waited long enough for participants to exit",
                 {{"participants", people}});
      return;
    }
    if (waited % kReport == absl::ZeroDuration()) {
      log::Write(log::Level::kInfo, "waiting for participants to exit", {{"participants", people}});
    }
    if (const std::optional<int> second = signals.Wait(kLook)) {
      LogRequest(*second, /*force=*/true);
      return;
    }
    waited += kLook;
  }
}

void StopUnlessForced(Controller& controller, StopSignal& signals) {
  absl::Notification stopped;
  std::thread stopper([&controller, &stopped] {
    controller.Stop();
    stopped.Notify();
  });
  while (!stopped.HasBeenNotified()) {
    if (const std::optional<int> signal = signals.Wait(absl::Milliseconds(50))) {
      LogRequest(*signal, /*force=*/true);
      std::_Exit(0);
    }
  }
  stopper.join();
}

}  // namespace sfu::server
