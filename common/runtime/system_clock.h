#pragma once

#include "common/time/clock.h"

namespace sfu {

// The machine's clocks. The monotonic one counts as std::chrono::steady_clock does, so that Asio
// timers and kernel timestamps of CLOCK_MONOTONIC compare with it.
class SystemClock : public Clock {
 public:
  static Timestamp MonotonicNow();

  Timestamp Now() const override { return MonotonicNow(); }
  absl::Time WallNow() const override;
};

}  // namespace sfu
