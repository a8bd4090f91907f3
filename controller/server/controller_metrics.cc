#include "controller/server/controller_metrics.h"

#include <utility>
#include <variant>

#include "common/metrics/counter.h"
#include "common/metrics/metric_family.h"

namespace sfu::server {
namespace {

using prometheus::MetricFamily;

std::string StatusClass(int status) { return status == 200 ? "200" : status < 500 ? "4xx" : "5xx"; }

constexpr double kLatencyBounds[] = {5,    10,   25,   50,    100,   250,  500,
                                     1000, 2500, 5000, 10000, 30000, 60000};
constexpr double kRoomBounds[] = {5, 10, 60, 300, 600, 1800, 3600, 7200, 18000, 36000};

}  // namespace

ControllerMetrics::ControllerMetrics(const Clock& clock)
    : clock_(clock), room_seconds_(kRoomBounds) {}

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
  const absl::MutexLock lock(&mutex_);
  ++api_calls_[call];
  api_latency_.try_emplace(call, kLatencyBounds)
      .first->second.Observe(absl::ToDoubleMilliseconds(duration));
}

void ControllerMetrics::HandleResponse(livekit::SignalResponse::MessageCase message, bool sent) {
  const size_t outcome = sent ? 1 : 0;
  ++responses_[outcome];
  if (message == livekit::SignalResponse::kJoin) {
    ++joins_[outcome];
  } else if (message == livekit::SignalResponse::kOffer) {
    ++offers_[outcome];
  } else if (message == livekit::SignalResponse::kAnswer) {
    ++answers_[outcome];
  }
}

std::vector<MetricFamily> ControllerMetrics::Collect() const {
  std::vector<MetricFamily> families;
  CollectRooms(families);
  sessions_.Collect(families);
  CollectSignal(families);
  for (MetricFamily& family : CollectApi()) {
    families.push_back(std::move(family));
  }
  for (MetricFamily& family : CollectHttp()) {
    families.push_back(std::move(family));
  }
  return families;
}

void ControllerMetrics::CollectRooms(std::vector<MetricFamily>& families) const {
  const auto gauge = [&families](const char* name, const char* help, double value) {
    families.push_back(GaugeFamily(name, help));
    AddValue(families.back(), value);
  };
  gauge("livekit_room_total", "Rooms now.", static_cast<double>(rooms_));
  gauge("livekit_participant_total", "Participants now.", static_cast<double>(participants_));

  families.push_back(GaugeFamily("livekit_track_published_total", "Published tracks now."));
  AddValue(families.back(), static_cast<double>(tracks_[0]), {{"kind", "AUDIO"}});
  AddValue(families.back(), static_cast<double>(tracks_[1]), {{"kind", "VIDEO"}});

  families.push_back(HistogramFamily("livekit_room_duration_seconds", "How long rooms lived."));
  const absl::MutexLock lock(&mutex_);
  AddHistogram(families.back(), {&room_seconds_});
}

void ControllerMetrics::CollectSignal(std::vector<MetricFamily>& families) const {
  using Outcomes = std::array<std::atomic<uint64_t>, 2>;
  MetricFamily messages = CounterFamily("livekit_node_messages", "Signal messages.");
  const auto add_messages = [&](const Outcomes& outcomes, const char* direction) {
    for (const size_t outcome : {1, 0}) {
      AddValue(messages, static_cast<double>(outcomes[outcome]),
               {{"type", "signal"},
                {"status", outcome == 1 ? "success" : "failure"},
                {"direction", direction}});
    }
  };
  add_messages(requests_, "request");
  add_messages(responses_, "response");
  families.push_back(std::move(messages));

  // Counted by what is written to clients: the only way for an operation to fail that the
  // reference's error types and we have in common.
  MetricFamily operations =
      CounterFamily("livekit_node_service_operation", "What was done for clients.");
  const auto add_operations = [&](const Outcomes& outcomes, const char* type,
                                  const char* error_type) {
    AddValue(operations, static_cast<double>(outcomes[1]),
             {{"type", type}, {"status", "success"}, {"error_type", ""}});
    AddValue(operations, static_cast<double>(outcomes[0]),
             {{"type", type}, {"status", "error"}, {"error_type", error_type}});
  };
  add_operations(joins_, "participant_join", "send_response");
  add_operations(offers_, "offer", "write_message");
  add_operations(answers_, "answer", "write_message");
  families.push_back(std::move(operations));
}

std::vector<MetricFamily> ControllerMetrics::CollectApi() const {
  MetricFamily status = CounterFamily("livekit_node_twirp_request_status", "Server API calls.");
  MetricFamily latency =
      HistogramFamily("livekit_node_twirp_request_latency_ms", "How long server API calls took.");
  const absl::MutexLock lock(&mutex_);
  for (const auto& [call, count] : api_calls_) {
    const auto& [service, method, status_class, code] = call;
    AddValue(status, static_cast<double>(count),
             {{"service", service}, {"method", method}, {"status", status_class}, {"code", code}});
  }
  for (const auto& [call, histogram] : api_latency_) {
    const auto& [service, method, status_class, code] = call;
    AddHistogram(
        latency, {&histogram},
        {{"service", service}, {"method", method}, {"status", status_class}, {"code", code}});
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
  MetricFamily connections = CounterFamily("sfu_http_connections_total", "Connections accepted.");
  AddValue(connections, sum(&http::HttpCounters::connections));
  MetricFamily dropped =
      CounterFamily("sfu_http_dropped_total", "Connections cut or refused before their end.");
  AddValue(dropped, sum(&http::HttpCounters::refused_over_limit), {{"reason", "too_many"}});
  AddValue(dropped, sum(&http::HttpCounters::bad_requests), {{"reason", "bad_request"}});
  AddValue(dropped, sum(&http::HttpCounters::send_queue_overflows), {{"reason", "slow_reader"}});
  return {std::move(connections), std::move(dropped)};
}

}  // namespace sfu::server
