#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/time.h>
#include <prometheus/metric_family.h>

#include "common/metrics/histogram.h"
#include "controller/actor/milestone.h"
#include "controller/http/signal_observer.h"

namespace sfu::server {

// Counts how far people, tracks and subscriptions come and how long they take, and what those
// numbers are called: names, help and labels as dashboards of the reference server expect them
// (operations contract, section 5.3). Labels are closed sets, whatever clients say about
// themselves. Thread-safe; taken when people and tracks come and go, not per message.
class SessionMetrics {
 public:
  void HandleJoin(http::SignalObserver::JoinOutcome outcome, int32_t protocol,
                  absl::Duration latency);
  void HandleMilestone(const actor::Milestone& milestone);

  void Collect(std::vector<prometheus::MetricFamily>& families) const;

 private:
  // Label values in the family's order. Bounded: each of them is of a closed set.
  using Key = std::vector<std::string>;
  using Counts = std::map<Key, uint64_t>;
  using Histograms = std::map<Key, Histogram>;

  void Handle(const actor::SessionMilestone& milestone) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Handle(const actor::PublishMilestone& milestone) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Handle(const actor::SubscribeMilestone& milestone) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountJoin(const char* state, const char* warp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  template <typename PublishOrSubscribe>
  void ObserveTime(const char* direction, const PublishOrSubscribe& milestone)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  Counts joins_ ABSL_GUARDED_BY(mutex_);
  Counts publishes_ ABSL_GUARDED_BY(mutex_);
  Counts subscribes_ ABSL_GUARDED_BY(mutex_);
  std::array<int64_t, 2> subscribed_ ABSL_GUARDED_BY(mutex_) = {};  // Audio, video; now.
  Histograms join_latency_ ABSL_GUARDED_BY(mutex_);
  Histograms start_time_ ABSL_GUARDED_BY(mutex_);
  Histograms duration_ ABSL_GUARDED_BY(mutex_);
  Histograms pubsub_time_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sfu::server
