#include "worker/ice/unknown_source_limiter.h"

#include "worker/ice/source_network.h"

namespace sfu::ice {
namespace {

// The finalizer of SplitMix64: every input bit reaches every output bit.
uint64_t Mix(uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

}  // namespace

UnknownSourceLimiter::UnknownSourceLimiter(Random& random, const Options& options)
    : options_(options), salt_(random.NextU64()), buckets_(kBuckets) {}

bool UnknownSourceLimiter::Allow(Timestamp now, const SocketAddress& from) {
  // The network first: one loud network must not use up everybody's budget.
  if (!buckets_[BucketOf(from)].Take(now, options_.network_per_second, options_.network_burst)) {
    ++counters_.refused_network;
    return false;
  }
  if (!total_.Take(now, options_.total_per_second, options_.total_burst)) {
    ++counters_.refused_total;
    return false;
  }
  ++counters_.allowed;
  return true;
}

size_t UnknownSourceLimiter::BucketOf(const SocketAddress& from) const {
  return Mix(SourceNetworkOf(from) ^ salt_) % kBuckets;
}

}  // namespace sfu::ice
