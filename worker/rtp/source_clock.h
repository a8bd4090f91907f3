#pragma once

#include <cstdint>

#include "common/time/timestamp.h"

namespace sfu::rtp {

// One instant of a received stream on three clocks, as its last sender report told it. Made by
// worker/receive, read by worker/forward.
struct SourceClock {
  uint64_t ntp = 0;       // On the publisher's wall clock, UQ32.32: the same for all its streams.
  int64_t timestamp = 0;  // On the stream's RTP clock, unwrapped as MediaPacket::timestamp is.
  Timestamp local = Timestamp::Never();  // On our clock, network delay included.
};

}  // namespace sfu::rtp
