#include "worker/forward/timestamp_munger.h"

#include <algorithm>
#include <cmath>

namespace sfu::forward {
namespace {

// The difference of two NTP times in ticks of `clock_rate`; exact to a fraction of a tick for any
// distance that means anything.
int64_t NtpTicks(uint64_t later, uint64_t earlier, uint32_t clock_rate) {
  const auto difference = static_cast<int64_t>(later - earlier);  // Q32.32 seconds.
  return std::llround(std::ldexp(static_cast<double>(difference), -32) * clock_rate);
}

}  // namespace

void TimestampMunger::Start(Timestamp now, int64_t in, uint32_t clock_rate) {
  clock_rate_ = clock_rate;
  Place(now, in, last_);
  started_ = true;
}

bool TimestampMunger::SwitchLayer(Timestamp now, int64_t in, const rtp::SourceClock* from,
                                  const rtp::SourceClock* to, bool wait) {
  if (from == nullptr || to == nullptr) {
    if (wait && !RefusedFor(now, kReportGrace)) {
      return false;
    }
    Place(now, in, std::max(Expected(now), last_ + 1));
    return true;
  }
  // The new source's instant, on the RTP clock of the former one, moved as the former one is.
  const int64_t in_former =
      from->timestamp + NtpTicks(to->ntp, from->ntp, clock_rate_) + (in - to->timestamp);
  int64_t out = Map(in_former);
  if (out <= last_) {
    if (last_ - out >= Ticks(kSwitchBehind)) {
      if (wait && !RefusedFor(now, kMaxRefusal)) {
        return false;
      }
      out = Expected(now);
    }
    out = std::max(out, last_ + 1);
  } else if (out > Expected(now) + Ticks(kResumeAhead)) {
    // Reports that contradict the time that passed so much are wrong, and nothing takes a line
    // back from the future.
    out = std::max(Expected(now), last_ + 1);
  }
  Place(now, in, out);
  return true;
}

void TimestampMunger::Resume(Timestamp now, int64_t in) {
  int64_t out = Map(in);
  if (out <= last_ || out > Expected(now) + Ticks(kResumeAhead)) {
    out = std::max(Expected(now), last_ + 1);
  }
  Place(now, in, out);
}

void TimestampMunger::Restart(Timestamp now, int64_t in, uint32_t clock_rate) {
  clock_rate_ = clock_rate;
  Place(now, in, std::max(Expected(now), last_ + 1));
}

int64_t TimestampMunger::Expected(Timestamp now) const { return last_ + Ticks(now - last_sent_); }

int64_t TimestampMunger::Ticks(absl::Duration duration) const {
  return absl::ToInt64Microseconds(duration) * clock_rate_ / 1'000'000;
}

void TimestampMunger::Place(Timestamp now, int64_t in, int64_t out) {
  offset_ = in - out;
  last_ = out;
  last_sent_ = now;
  first_refusal_ = Timestamp::Never();
}

bool TimestampMunger::RefusedFor(Timestamp now, absl::Duration limit) {
  first_refusal_ = std::min(first_refusal_, now);
  return now - first_refusal_ >= limit;
}

}  // namespace sfu::forward
