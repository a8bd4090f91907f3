#pragma once

#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "worker/room/room_counters.h"
#include "worker/transport/transport_counters.h"

namespace sfu::mediaroom {

// Sums what the rooms of all media threads count when Prometheus scrapes: the media half of the
// metrics that the reference server has (operations contract, section 5.3), and what is dropped
// between transport and forwarder. All those names and help texts are in this class's source file.
class RoomMetrics : public prometheus::Collectable {
 public:
  struct Thread {
    const RoomCounters* rooms;
    const transport::TransportCounters* transports;
  };
  // What they point to must outlive this object.
  explicit RoomMetrics(std::vector<Thread> threads) : threads_(std::move(threads)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::vector<Thread> threads_;
};

}  // namespace sfu::mediaroom
