#pragma once

#include <memory>
#include <vector>

#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "worker/room/outlet.h"
#include "worker/room/room_counters.h"
#include "worker/rtcp/ntp_time.h"
#include "worker/transport/transport.h"

namespace sfu::mediaroom {

// The publishers' wall clock is told in reports; ours is derived from the monotonic clock, so that
// it never steps [CLK-1].
class NtpClock {
 public:
  NtpClock(Timestamp now, absl::Time wall) : now_(now), wall_(wall) {}
  uint64_t At(Timestamp instant) const { return rtcp::ToNtp(wall_ + (instant - now_)); }

 private:
  Timestamp now_;
  absl::Time wall_;
};

// What all rooms of one media thread share. Everything referred to outlives them.
struct RoomEnvironment {
  transport::TransportEnvironment transport;
  std::shared_ptr<const dtls::Context> dtls;
  NtpClock ntp;
  RoomCounters& counters;
  FlushList& flush;
};

}  // namespace sfu::mediaroom
