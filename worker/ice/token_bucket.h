#pragma once

#include <algorithm>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::ice {

// Remembers what was used rather than what is left, so that a bucket made of zeros is a full one
// and the rate may be the same constant for thousands of them. For use inside worker/ice.
class TokenBucket {
 public:
  // True when another one may pass: at most `burst` at once, `per_second` in the long run.
  [[nodiscard]] bool Take(Timestamp now, double per_second, double burst) {
    if (now > last_) {
      used_ = std::max(0.0, used_ - absl::ToDoubleSeconds(now - last_) * per_second);
      last_ = now;
    }
    if (used_ + 1 > burst) {
      return false;
    }
    used_ += 1;
    return true;
  }

 private:
  Timestamp last_ = Timestamp::FromMicros(0);
  double used_ = 0;
};

}  // namespace sfu::ice
