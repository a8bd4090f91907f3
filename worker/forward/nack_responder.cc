#include "worker/forward/nack_responder.h"

#include <algorithm>
#include <limits>

namespace sfu::forward {

bool NackResponder::Admit(Timestamp now) {
  ++counters_.requested;
  if (now - second_start_ >= absl::Seconds(1)) {
    second_start_ = now;
    requests_in_second_ = 0;
  }
  if (++requests_in_second_ > kMaxRequestsPerSecond) {
    ++counters_.ignored_abuse;
    return false;
  }
  return true;
}

bool NackResponder::MayResend(Timestamp now, const RetransmissionMap::Entry& entry) {
  if (entry.sends >= kMaxSends) {
    ++counters_.ignored_too_often;
    return false;
  }
  const uint32_t age_ms = RetransmissionMap::Milliseconds(now) - entry.sent_ms;
  if (age_ms > RetransmissionMap::kVideoAgeMs) {
    ++counters_.ignored_too_old;
    return false;
  }
  // What is on its way was asked for before it could arrive.
  const absl::Duration spacing = std::max(kMinSpacing, 0.9 * round_trip_);
  if (absl::Milliseconds(age_ms - entry.last_sent_after_ms) < spacing) {
    ++counters_.ignored_too_soon;
    return false;
  }
  return true;
}

bool NackResponder::Spend(Timestamp now, size_t bytes, RetransmissionMap::Entry& entry) {
  if (bits_per_second_) {
    if (now - window_start_ >= kRateWindow) {
      window_start_ = now;
      window_bytes_ = 0;
    }
    const double allowed =
        static_cast<double>(*bits_per_second_) / 8 * absl::ToDoubleSeconds(kRateWindow);
    if (static_cast<double>(window_bytes_) + static_cast<double>(bytes) > allowed) {
      ++counters_.ignored_rate;
      return false;
    }
    window_bytes_ += static_cast<int64_t>(bytes);
  }
  ++entry.sends;
  const uint32_t after_ms = RetransmissionMap::Milliseconds(now) - entry.sent_ms;
  entry.last_sent_after_ms =
      static_cast<uint16_t>(std::min<uint32_t>(after_ms, std::numeric_limits<uint16_t>::max()));
  ++counters_.answered;
  return true;
}

}  // namespace sfu::forward
