#pragma once

#include <cstdint>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

namespace sfu {

// What the host's network interfaces have sent and dropped since the process started. For workers
// only: two processes of one host would count the same packets.
class NodeMetrics : public prometheus::Collectable {
 public:
  NodeMetrics() : start_(Read()) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Packets {
    uint64_t out = 0;
    uint64_t dropped = 0;
  };
  static Packets Read();

  const Packets start_;
};

}  // namespace sfu
