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

#include "common/time/clock.h"
#include "controller/actor/room_observer.h"
#include "controller/api/api_server.h"
#include "controller/http/front_door.h"
#include "controller/http/http_server.h"

namespace sfu::server {

// A histogram over fixed, ascending bounds. Not thread-safe.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  void Observe(double value);
  prometheus::ClientMetric Collect() const;

 private:
  std::vector<double> bounds_;
  std::vector<uint64_t> counts_;  // One more than bounds: the rest.
  double sum_ = 0;
};

// Counts what happens in the controller, and knows what those numbers are called: names, help and
// labels as dashboards of the reference server expect them (operations contract, section 5.3).
// Thread-safe: nothing here happens per message.
class ControllerMetrics : public prometheus::Collectable,
                          public actor::RoomObserver,
                          public api::ApiObserver,
                          public http::JoinObserver {
 public:
  // `clock` must outlive it.
  explicit ControllerMetrics(const Clock& clock) : clock_(clock) {}

  // Once the server exists; it must stay until the last Collect().
  void SetHttpServer(const http::HttpServer* server) { http_server_ = server; }

  void HandleRoomStarted(const livekit::Room& room) override;
  void HandleRoomFinished(const livekit::Room& room) override;
  void HandleFact(const livekit::Room& room, const room::RoomFact& fact) override;
  void HandleApiCall(std::string_view service, std::string_view method, int status,
                     std::string_view code, absl::Duration duration) override;
  void HandleJoinRefused() override { ++joins_refused_; }

  int64_t participants() const { return participants_; }

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  using ApiCall = std::tuple<std::string, std::string, std::string, std::string>;

  std::vector<prometheus::MetricFamily> CollectApi() const;
  std::vector<prometheus::MetricFamily> CollectHttp() const;

  const Clock& clock_;
  std::atomic<int64_t> rooms_ = 0;
  std::atomic<int64_t> participants_ = 0;
  std::atomic<uint64_t> joins_ = 0;
  std::atomic<uint64_t> joins_refused_ = 0;
  std::array<std::atomic<int64_t>, 2> tracks_ = {};  // Audio, video.
  std::atomic<const http::HttpServer*> http_server_ = nullptr;

  mutable absl::Mutex mutex_;
  Histogram room_seconds_ ABSL_GUARDED_BY(mutex_){
      {5, 10, 60, 300, 600, 1800, 3600, 7200, 18000, 36000}};
  // Bounded: services, methods, statuses and codes are closed sets.
  std::map<ApiCall, uint64_t> api_calls_ ABSL_GUARDED_BY(mutex_);
  std::map<ApiCall, Histogram> api_latency_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sfu::server
