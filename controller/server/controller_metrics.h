#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/time.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "common/metrics/histogram.h"
#include "common/time/clock.h"
#include "controller/actor/room_observer.h"
#include "controller/api/api_server.h"
#include "controller/http/http_server.h"
#include "controller/http/signal_observer.h"
#include "controller/server/session_metrics.h"

namespace sfu::server {

// Counts what happens in the controller, and knows what those numbers are called: names, help and
// labels as dashboards of the reference server expect them (operations contract, section 5.3).
// Thread-safe.
class ControllerMetrics : public prometheus::Collectable,
                          public actor::RoomObserver,
                          public api::ApiObserver,
                          public http::SignalObserver {
 public:
  // `clock` must outlive it.
  explicit ControllerMetrics(const Clock& clock);

  // Once the server exists; it must stay until the last Collect().
  void SetHttpServer(const http::HttpServer* server) { http_server_ = server; }

  void HandleRoomStarted(const livekit::Room& room) override;
  void HandleRoomFinished(const livekit::Room& room) override;
  void HandleFact(const livekit::Room& room, const room::RoomFact& fact) override;
  void HandleApiCall(std::string_view service, std::string_view method, int status,
                     std::string_view code, absl::Duration duration) override;
  void HandleMilestone(const actor::Milestone& milestone) override {
    sessions_.HandleMilestone(milestone);
  }
  void HandleJoin(JoinOutcome outcome, int32_t protocol, absl::Duration latency) override {
    sessions_.HandleJoin(outcome, protocol, latency);
  }
  void HandleRequest(bool understood) override { ++requests_[understood ? 1 : 0]; }
  void HandleResponse(livekit::SignalResponse::MessageCase message, bool sent) override;

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  using ApiCall = std::tuple<std::string, std::string, std::string, std::string>;

  void CollectRooms(std::vector<prometheus::MetricFamily>& families) const;
  void CollectSignal(std::vector<prometheus::MetricFamily>& families) const;
  std::vector<prometheus::MetricFamily> CollectApi() const;
  std::vector<prometheus::MetricFamily> CollectHttp() const;

  const Clock& clock_;
  std::atomic<int64_t> rooms_ = 0;
  std::atomic<int64_t> participants_ = 0;
  std::array<std::atomic<int64_t>, 2> tracks_ = {};  // Audio, video.
  SessionMetrics sessions_;

  // By failure and success.
  std::array<std::atomic<uint64_t>, 2> requests_ = {};
  std::array<std::atomic<uint64_t>, 2> responses_ = {};
  std::array<std::atomic<uint64_t>, 2> joins_ = {};
  std::array<std::atomic<uint64_t>, 2> offers_ = {};
  std::array<std::atomic<uint64_t>, 2> answers_ = {};

  std::atomic<const http::HttpServer*> http_server_ = nullptr;

  mutable absl::Mutex mutex_;
  Histogram room_seconds_ ABSL_GUARDED_BY(mutex_);
  // Bounded: services, methods, statuses and codes are closed sets.
  std::map<ApiCall, uint64_t> api_calls_ ABSL_GUARDED_BY(mutex_);
  std::map<ApiCall, Histogram> api_latency_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sfu::server
