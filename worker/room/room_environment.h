#pragma once

#include <memory>
#include <vector>

#include "common/base/random.h"
#include "common/metrics/counter.h"
#include "common/time/timestamp.h"
#include "worker/room/outlet.h"
#include "worker/rtcp/ntp_time.h"
#include "worker/transport/transport.h"

namespace sfu::mediaroom {

// What the rooms of one media thread count. That thread is the only writer.
struct RoomCounters {
  Counter dropped_unparsable_rtp;
  Counter dropped_unbound_ssrc;  // No media section claims it, and none did for 200 ms.
  Counter dropped_unparsable_rtcp;
  Counter dropped_unknown_feedback;  // For an SSRC that we do not send.
  Counter nacks_sent;
  Counter nacks_received;
  Counter key_frames_requested;
  Counter retransmissions_sent;
  Counter data_routed;
  Counter data_dropped;
};

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
