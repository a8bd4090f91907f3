#include "common/runtime/stop_signal.h"

#include <pthread.h>
#include <signal.h>

#include "common/base/check.h"

namespace sfu {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGQUIT);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = StopSignals();
  SFU_CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  signal(SIGPIPE, SIG_IGN);
}

std::optional<int> StopSignal::Wait(absl::Duration timeout) {
  const sigset_t set = StopSignals();
  while (true) {
    int number = -1;
    if (timeout == absl::InfiniteDuration()) {
      number = sigwaitinfo(&set, nullptr);
    } else {
      const timespec limit = absl::ToTimespec(timeout);
      number = sigtimedwait(&set, nullptr, &limit);
    }
    if (number > 0) {
      return number;
    }
    if (timeout != absl::InfiniteDuration()) {
      return std::nullopt;
    }
  }
}

}  // namespace sfu
