#pragma once

#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "worker/media/media_thread.h"
#include "worker/media/tcp_listener.h"

namespace sfu::media {

// Sums the media threads' counters when Prometheus scrapes. All metric names and help texts of the
// media plane are in this class's source file, and nowhere else.
class MediaMetrics : public prometheus::Collectable {
 public:
  // Everything given must outlive this object. `listener` is null without ICE over TCP.
  explicit MediaMetrics(std::vector<const MediaThread*> threads,
                        const TcpListener* listener = nullptr);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::vector<const MediaThread*> threads_;
  const TcpListener* const listener_;
};

}  // namespace sfu::media
