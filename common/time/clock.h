#pragma once

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu {

// The two clocks of a process. Shells read it; cores are told the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Timestamp Now() const = 0;       // Monotonic.
  virtual absl::Time WallNow() const = 0;  // For tokens, creation times and NTP only.
};

}  // namespace sfu
