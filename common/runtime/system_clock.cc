#include "common/runtime/system_clock.h"

#include <chrono>

#include <absl/time/clock.h>

namespace sfu {

Timestamp SystemClock::MonotonicNow() {
  return Timestamp::FromMicros(std::chrono::duration_cast<std::chrono::microseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

absl::Time SystemClock::WallNow() const { return absl::Now(); }

}  // namespace sfu
