#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/random.h"
#include "common/net/socket_address.h"
#include "common/time/timestamp.h"
#include "worker/ice/token_bucket.h"

namespace sfu::ice {

// Decides whether a STUN request from an address we do not know may cost us an HMAC ([MUX-5]).
//
// A token bucket per network (IPv4 /24, IPv6 /56) inside one for all of them. The networks share a
// fixed table of `kBuckets` by salted hash: memory never grows, a collision makes two networks
// share a budget, and the salt keeps strangers from choosing whom they collide with.
//
// Not thread-safe: one per media thread.
class UnknownSourceLimiter {
 public:
  static constexpr size_t kBuckets = 4096;  // 64 KiB.

  struct Options {
    double network_per_second = 50;
    double network_burst = 200;
    // About 5 % of a core at 5 us for a request parsed, verified and answered.
    double total_per_second = 10'000;
    double total_burst = 10'000;
  };
  struct Counters {
    uint64_t allowed = 0;
    uint64_t refused_network = 0;
    uint64_t refused_total = 0;
  };

  UnknownSourceLimiter(Random& random, const Options& options);

  [[nodiscard]] bool Allow(Timestamp now, const SocketAddress& from);

  const Counters& counters() const { return counters_; }

 private:
  size_t BucketOf(const SocketAddress& from) const;

  const Options options_;
  const uint64_t salt_;
  std::vector<TokenBucket> buckets_;
  TokenBucket total_;
  Counters counters_;
};

}  // namespace sfu::ice
