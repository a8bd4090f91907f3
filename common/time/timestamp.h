#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include <absl/time/time.h>

namespace sfu {

// An instant on the process's monotonic clock, in microseconds since an unspecified epoch.
//
// Eight bytes and compared as an integer, because every queued packet carries one. Durations are
// absl::Duration; wall-clock time (NTP in sender reports, token expiry) is absl::Time and never
// converts to or from a Timestamp.
class Timestamp {
 public:
  static constexpr Timestamp FromMicros(int64_t micros) { return Timestamp(micros); }

  // Later than every real instant, and staying so whatever is added. A timer that is not armed is
  // due at Never().
  static constexpr Timestamp Never() { return Timestamp(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t micros() const { return micros_; }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

  friend Timestamp operator+(Timestamp instant, absl::Duration delta) {
    if (instant == Never() || delta == absl::InfiniteDuration()) {
      return Never();
    }
    return Timestamp(instant.micros_ + absl::ToInt64Microseconds(delta));
  }
  friend absl::Duration operator-(Timestamp later, Timestamp earlier) {
    return absl::Microseconds(later.micros_ - earlier.micros_);
  }

 private:
  constexpr explicit Timestamp(int64_t micros) : micros_(micros) {}

  int64_t micros_;
};

}  // namespace sfu
