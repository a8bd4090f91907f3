#include "worker/forward/report_schedule.h"

namespace sfu::forward {
namespace {

constexpr absl::Duration kFirst = absl::Milliseconds(100);
constexpr absl::Duration kEarly = absl::Seconds(1);
constexpr int kEarlyReports = 3;
constexpr absl::Duration kRegular = absl::Seconds(3);

}  // namespace

void ReportSchedule::Restart(Timestamp now) {
  sent_ = 0;
  next_ = now + kFirst;
}

void ReportSchedule::Advance(Timestamp now) {
  if (sent_ < kEarlyReports) {
    ++sent_;
    next_ = now + kEarly;
    return;
  }
  // Any spread will do; a linear congruential step gives one without a source of randomness.
  state_ = state_ * 1664525u + 1013904223u;
  const double spread = static_cast<double>(state_ >> 16) / 65536.0;
  next_ = now + kRegular * (0.8 + 0.4 * spread);
}

}  // namespace sfu::forward
