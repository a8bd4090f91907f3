#include "worker/transport/ingress_policer.h"

#include <absl/time/time.h>

namespace sfu::transport {

bool IngressPolicer::AllowRtp(Timestamp now, size_t size_bytes) {
  Roll(now);
  if (rtp_packets_ >= options_.rtp_packets_per_second ||
      rtp_bytes_ + size_bytes > options_.rtp_bytes_per_second) {
    return false;
  }
  ++rtp_packets_;
  rtp_bytes_ += size_bytes;
  return true;
}

bool IngressPolicer::AllowRtcp(Timestamp now) {
  Roll(now);
  if (rtcp_packets_ >= options_.rtcp_packets_per_second) {
    return false;
  }
  ++rtcp_packets_;
  return true;
}

void IngressPolicer::Roll(Timestamp now) {
  if (now < window_end_) {
    return;
  }
  window_end_ = now + absl::Seconds(1);
  rtp_bytes_ = 0;
  rtp_packets_ = 0;
  rtcp_packets_ = 0;
}

}  // namespace sfu::transport
