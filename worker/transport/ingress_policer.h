#pragma once

#include <cstddef>
#include <cstdint>

#include "common/time/timestamp.h"

namespace sfu::transport {

// Bounds what one peer may make us decrypt (media.md 1.8), in fixed windows of a second: exact
// shaping is not the point, an upper bound on the work is. RTCP has a rate of its own, so that a
// flood of it cannot displace media, nor the other way round.
class IngressPolicer {
 public:
  struct Options {
    uint64_t rtp_bytes_per_second = 80'000'000 / 8;  // A 4K60 publisher with RTX needs 45 Mbit/s.
    uint32_t rtp_packets_per_second = 10'000;
    uint32_t rtcp_packets_per_second = 200;
  };

  explicit IngressPolicer(const Options& options) : options_(options) {}

  [[nodiscard]] bool AllowRtp(Timestamp now, size_t size_bytes);
  [[nodiscard]] bool AllowRtcp(Timestamp now);

 private:
  void Roll(Timestamp now);

  const Options options_;
  Timestamp window_end_ = Timestamp::FromMicros(0);
  uint64_t rtp_bytes_ = 0;
  uint32_t rtp_packets_ = 0;
  uint32_t rtcp_packets_ = 0;
};

}  // namespace sfu::transport
