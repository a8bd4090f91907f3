#pragma once

#include <cstdint>
#include <optional>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/forward/retransmission_map.h"

namespace sfu::forward {

struct NackCounters {
  uint64_t requested = 0;  // Numbers in NACKs.
  uint64_t answered = 0;
  uint64_t ignored_unknown = 0;   // Never sent, or gone from the map or the history.
  uint64_t ignored_too_soon = 0;  // Sent less than about a round trip ago.
  uint64_t ignored_too_often = 0;
  uint64_t ignored_too_old = 0;
  uint64_t ignored_rate = 0;   // Above the cap for retransmissions.
  uint64_t ignored_abuse = 0;  // More numbers per second than anybody could need.
};

// Which of the packets a subscriber asks for it gets again [TX-46]. Not before nine tenths of a
// round trip since it last left, at most five times in all, none older than the map's kVideoAgeMs,
// and all together within the rate the transport grants.
class NackResponder {
 public:
  static constexpr int kMaxSends = 5;
  static constexpr absl::Duration kMinSpacing = absl::Milliseconds(20);
  static constexpr int64_t kMaxRequestsPerSecond = 2000;  // [media.md 1.8]
  static constexpr absl::Duration kRateWindow = absl::Milliseconds(500);

  void SetRoundTripTime(absl::Duration round_trip) { round_trip_ = round_trip; }
  void SetRate(int64_t bits_per_second) { bits_per_second_ = bits_per_second; }

  // Whether one more number may be looked at; counts it.
  bool Admit(Timestamp now);
  // Whether `entry` may be sent again now.
  bool MayResend(Timestamp now, const RetransmissionMap::Entry& entry);
  // Whether the rate allows `bytes` more; if so they are spent and `entry` is marked as sent.
  bool Spend(Timestamp now, size_t bytes, RetransmissionMap::Entry& entry);
  void CountUnknown() { ++counters_.ignored_unknown; }

  const NackCounters& counters() const { return counters_; }

 private:
  absl::Duration round_trip_ = absl::Milliseconds(70);
  std::optional<int64_t> bits_per_second_;  // nullopt: no cap.
  Timestamp second_start_ = Timestamp::FromMicros(0);
  int64_t requests_in_second_ = 0;
  Timestamp window_start_ = Timestamp::FromMicros(0);
  int64_t window_bytes_ = 0;
  NackCounters counters_;
};

}  // namespace sfu::forward
