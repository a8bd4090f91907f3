#pragma once

#include <cstdint>
#include <optional>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::receive {

// Maps a publisher's wall clock, as its sender reports show it, to our clock [RX-24]. One per
// publisher, shared by all its streams: only then do they stay in sync when their reports are
// passed on [TX-40].
//
// A report shows publisher time plus the delay of its path, which jitters upwards. So the estimate
// follows a shorter delay fast and a longer one slowly, ignores less than 10 ms, and takes a step
// (the publisher's clock was set) only when two reports in a row agree on it.
class PublisherClock {
 public:
  // A sender report with this NTP time arrived. Returns the instant of `ntp` on our clock.
  Timestamp HandleSenderReport(Timestamp arrival, uint64_t ntp);

 private:
  static constexpr absl::Duration kStep = absl::Milliseconds(500);

  std::optional<int64_t> offset_micros_;  // Ours minus the publisher's.
  std::optional<int64_t> step_micros_;    // A step seen once.
  Timestamp step_seen_ = Timestamp::Never();
};

}  // namespace sfu::receive
