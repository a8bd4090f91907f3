#pragma once

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu {

// Time for tests: starts at an arbitrary non-zero instant and moves only when told to.
class SimulatedClock {
 public:
  Timestamp Now() const { return now_; }
  void Advance(absl::Duration delta) { now_ = now_ + delta; }
  void AdvanceTo(Timestamp instant) { now_ = instant; }

 private:
  Timestamp now_ = Timestamp::FromMicros(1'000'000);
};

}  // namespace sfu
