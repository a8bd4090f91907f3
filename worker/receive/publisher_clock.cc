#include "worker/receive/publisher_clock.h"

#include <cstdlib>

namespace sfu::receive {
namespace {

constexpr int64_t kIgnoredMicros = 10'000;
constexpr int64_t kAgreementMicros = 50'000;
constexpr absl::Duration kStepMemory = absl::Seconds(10);
// How far the estimate follows a shorter and a longer delay.
constexpr double kFollowDown = 0.9;
constexpr double kFollowUp = 0.1;

int64_t NtpMicros(uint64_t ntp) {
  const uint64_t seconds = ntp >> 32;
  const uint64_t fraction = ntp & 0xffffffff;
  return static_cast<int64_t>(seconds * 1'000'000 + (fraction * 1'000'000 >> 32));
}

}  // namespace

Timestamp PublisherClock::HandleSenderReport(Timestamp arrival, uint64_t ntp) {
  const int64_t publisher_micros = NtpMicros(ntp);
  const int64_t seen = arrival.micros() - publisher_micros;
  if (!offset_micros_) {
    offset_micros_ = seen;
  }
  const int64_t change = seen - *offset_micros_;
  if (std::abs(change) > absl::ToInt64Microseconds(kStep)) {
    const bool confirmed = step_micros_ && std::abs(seen - *step_micros_) < kAgreementMicros &&
                           arrival - step_seen_ <= kStepMemory;
    if (confirmed) {
      offset_micros_ = seen;
      step_micros_.reset();
    } else {
      step_micros_ = seen;
      step_seen_ = arrival;
      return arrival;  // Nothing better is known of this one.
    }
  } else {
    step_micros_.reset();
    if (std::abs(change) > kIgnoredMicros) {
      const double follow = change < 0 ? kFollowDown : kFollowUp;
      *offset_micros_ += static_cast<int64_t>(static_cast<double>(change) * follow);
    }
  }
  return Timestamp::FromMicros(publisher_micros + *offset_micros_);
}

}  // namespace sfu::receive
