#include "controller/server/controller_metrics.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "common/metrics/counter.h"

namespace sfu::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, std::string help, MetricType type) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

void Add(MetricFamily& family, double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

std::string StatusClass(int status) { return status == 200 ? "200" : status < 500 ? "4xx" : "5xx"; }

std::vector<double> LatencyBounds() {
  return {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000};
}

}  // namespace

void Histogram::Observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<size_t>(bound - bounds_.begin())];
  sum_ += value;
}

ClientMetric Histogram::Collect() const {
  ClientMetric metric;
  uint64_t total = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    total += counts_[i];
    metric.histogram.bucket.push_back(
        {total, i < bounds_.size() ? bounds_[i] : std::numeric_limits<double>::infinity()});
  }
  metric.histogram.sample_count = total;
  metric.histogram.sample_sum = sum_;
  return metric;
}

void ControllerMetrics::HandleRoomStarted(const livekit::Room&) { ++rooms_; }

void ControllerMetrics::HandleRoomFinished(const livekit::Room& room) {
  --rooms_;
  const absl::Duration lived = clock_.WallNow() - absl::FromUnixSeconds(room.creation_time());
  const absl::MutexLock lock(&mutex_);
  room_seconds_.Observe(absl::ToDoubleSeconds(lived));
}

void ControllerMetrics::HandleFact(const livekit::Room&, const room::RoomFact& fact) {
  const auto tracks = [this](const livekit::TrackInfo& track) -> std::atomic<int64_t>& {
    return tracks_[track.type() == livekit::VIDEO ? 1 : 0];
  };
  if (std::holds_alternative<room::ParticipantJoined>(fact)) {
    ++participants_;
    ++joins_;
  } else if (std::holds_alternative<room::ParticipantLeft>(fact)) {
    --participants_;
  } else if (const auto* published = std::get_if<room::TrackPublished>(&fact)) {
    ++tracks(published->track);
  } else if (const auto* unpublished = std::get_if<room::TrackUnpublished>(&fact)) {
    --tracks(unpublished->track);
  }
}

void ControllerMetrics::HandleApiCall(std::string_view service, std::string_view method, int status,
                                      std::string_view code, absl::Duration duration) {
  const ApiCall call(service, method, StatusClass(status), code);
  const ApiCall without_code(service, method, StatusClass(status), "");
  const absl::MutexLock lock(&mutex_);
  ++api_calls_[call];
  api_latency_.try_emplace(without_code, LatencyBounds())
      .first->second.Observe(absl::ToDoubleMilliseconds(duration));
}

std::vector<MetricFamily> ControllerMetrics::Collect() const {
  std::vector<MetricFamily> families;
  const auto gauge = [&families](const char* name, const char* help, double value) {
    families.push_back(Family(name, help, MetricType::Gauge));
    Add(families.back(), value);
  };
  gauge("livekit_room_total", "Rooms now.", static_cast<double>(rooms_));
  gauge("livekit_participant_total", "Participants now.", static_cast<double>(participants_));

  families.push_back(
      Family("livekit_track_published_total", "Published tracks now.", MetricType::Gauge));
  Add(families.back(), static_cast<double>(tracks_[0]), {{"kind", "AUDIO"}});
  Add(families.back(), static_cast<double>(tracks_[1]), {{"kind", "VIDEO"}});

  families.push_back(Family("livekit_participant_join_total", "Joins, by what became of them.",
                            MetricType::Counter));
  Add(families.back(), static_cast<double>(joins_), {{"state", "rtc_active"}, {"warp", ""}});
  Add(families.back(), static_cast<double>(joins_refused_),
      {{"state", "signal_validation_failed"}, {"warp", ""}});

  families.push_back(
      Family("livekit_room_duration_seconds", "How long rooms lived.", MetricType::Histogram));
  {
    const absl::MutexLock lock(&mutex_);
    families.back().metric.push_back(room_seconds_.Collect());
  }
  for (MetricFamily& family : CollectApi()) {
    families.push_back(std::move(family));
  }
  for (MetricFamily& family : CollectHttp()) {
    families.push_back(std::move(family));
  }
  return families;
}

std::vector<MetricFamily> ControllerMetrics::CollectApi() const {
  MetricFamily status =
      Family("livekit_node_twirp_request_status", "Server API calls.", MetricType::Counter);
  MetricFamily latency = Family("livekit_node_twirp_request_latency_ms",
                                "How long server API calls took.", MetricType::Histogram);
  const absl::MutexLock lock(&mutex_);
  for (const auto& [call, count] : api_calls_) {
    const auto& [service, method, status_class, code] = call;
    Add(status, static_cast<double>(count),
        {{"service", service}, {"method", method}, {"status", status_class}, {"code", code}});
  }
  for (const auto& [call, histogram] : api_latency_) {
    const auto& [service, method, status_class, code] = call;
    latency.metric.push_back(histogram.Collect());
    latency.metric.back().label = {
        {"service", service}, {"method", method}, {"status", status_class}};
  }
  return {std::move(status), std::move(latency)};
}

std::vector<MetricFamily> ControllerMetrics::CollectHttp() const {
  const http::HttpServer* server = http_server_;
  if (server == nullptr) {
    return {};
  }
  const auto sum = [server](Counter http::HttpCounters::* counter) {
    uint64_t total = 0;
    for (const http::HttpCounters& loop : server->counters()) {
      total += (loop.*counter).value();
    }
    return static_cast<double>(total);
  };
  MetricFamily connections =
      Family("sfu_http_connections_total", "Connections accepted.", MetricType::Counter);
  Add(connections, sum(&http::HttpCounters::connections));
  MetricFamily dropped =
      Family("sfu_http_dropped_total", "Connections cut or refused before their end.",
             MetricType::Counter);
  Add(dropped, sum(&http::HttpCounters::refused_over_limit), {{"reason", "too_many"}});
  Add(dropped, sum(&http::HttpCounters::bad_requests), {{"reason", "bad_request"}});
  Add(dropped, sum(&http::HttpCounters::send_queue_overflows), {{"reason", "slow_reader"}});
  return {std::move(connections), std::move(dropped)};
}

}  // namespace sfu::server
