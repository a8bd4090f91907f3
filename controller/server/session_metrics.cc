#include "controller/server/session_metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "common/metrics/metric_family.h"

namespace sfu::server {
namespace {

using actor::PublishMilestone;
using actor::SessionMilestone;
using actor::SubscribeMilestone;
using prometheus::MetricFamily;

constexpr double kPubSubBounds[] = {100, 200, 500, 700, 1000, 5000, 10000};

// 15 bounds from `first` to `last`, each the same factor above the one before.
std::vector<double> Exponential(double first, double last) {
  constexpr int kBounds = 15;
  const double factor = std::pow(last / first, 1.0 / (kBounds - 1));
  std::vector<double> bounds = {first};
  while (bounds.size() < kBounds) {
    bounds.push_back(bounds.back() * factor);
  }
  return bounds;
}

const std::vector<double>& JoinBounds() {
  static const std::vector<double> bounds = Exponential(10, 10'000);
  return bounds;
}
const std::vector<double>& StartBounds() {
  static const std::vector<double> bounds = Exponential(100, 10'000);
  return bounds;
}
const std::vector<double>& DurationBounds() {
  static const std::vector<double> bounds = Exponential(100, 14'400'000);
  return bounds;
}

// Clients write any number here; protocols so far go up to 17.
std::string ProtocolLabel(int32_t protocol) {
  return protocol > 0 && protocol <= 32 ? std::to_string(protocol) : "other";
}

std::string TypeLabel(livekit::TrackType type) {
  return type == livekit::VIDEO ? "VIDEO" : "AUDIO";
}

std::string SourceLabel(livekit::TrackSource source) {
  return livekit::TrackSource_IsValid(source) ? livekit::TrackSource_Name(source) : "UNKNOWN";
}
std::string SdkLabel(livekit::ClientInfo::SDK sdk) {
  return livekit::ClientInfo::SDK_IsValid(sdk) ? livekit::ClientInfo::SDK_Name(sdk) : "UNKNOWN";
}
std::string KindLabel(livekit::ParticipantInfo::Kind kind) {
  return livekit::ParticipantInfo::Kind_IsValid(kind) ? livekit::ParticipantInfo::Kind_Name(kind)
                                                      : "STANDARD";
}

std::string ErrorLabel(livekit::SubscriptionError error) {
  switch (error) {
    case livekit::SE_CODEC_UNSUPPORTED:
      return "codec not supported by subscriber";
    case livekit::SE_TRACK_NOTFOUND:
      return "track cannot be found";
    default:
      return "unknown";
  }
}

void Observe(std::map<std::vector<std::string>, Histogram>& histograms,
             std::vector<std::string> key, absl::Span<const double> bounds,
             absl::Duration duration) {
  histograms.try_emplace(std::move(key), bounds)
      .first->second.Observe(absl::ToDoubleMilliseconds(std::max(duration, absl::ZeroDuration())));
}

MetricLabels Named(std::initializer_list<const char*> names,
                   const std::vector<std::string>& values) {
  MetricLabels labels;
  size_t i = 0;
  for (const char* name : names) {
    labels.push_back({name, values[i++]});
  }
  return labels;
}

void AddCounts(std::vector<MetricFamily>& families, MetricFamily family,
               const std::map<std::vector<std::string>, uint64_t>& counts,
               std::initializer_list<const char*> names) {
  for (const auto& [values, count] : counts) {
    AddValue(family, static_cast<double>(count), Named(names, values));
  }
  families.push_back(std::move(family));
}

void AddHistograms(std::vector<MetricFamily>& families, MetricFamily family,
                   const std::map<std::vector<std::string>, Histogram>& histograms,
                   std::initializer_list<const char*> names) {
  for (const auto& [values, histogram] : histograms) {
    AddHistogram(family, {&histogram}, Named(names, values));
  }
  families.push_back(std::move(family));
}

}  // namespace

void SessionMetrics::HandleJoin(http::SignalObserver::JoinOutcome outcome, int32_t protocol,
                                absl::Duration latency) {
  using Outcome = http::SignalObserver::JoinOutcome;
  const absl::MutexLock lock(&mutex_);
  switch (outcome) {
    case Outcome::kConnected:
      CountJoin("signal_connected", "");
      Observe(join_latency_, {ProtocolLabel(protocol)}, JoinBounds(), latency);
      break;
    case Outcome::kValidationFailed:
      CountJoin("signal_validation_failed", "");
      break;
    case Outcome::kRefused:
      CountJoin("signal_failed", "");
      break;
    case Outcome::kClientGone:
      CountJoin("signal_write_initial_response_failed", "");
      break;
  }
}

void SessionMetrics::HandleMilestone(const actor::Milestone& milestone) {
  const absl::MutexLock lock(&mutex_);
  // Written out: the lock is not seen through a generic lambda.
  if (const auto* session = std::get_if<SessionMilestone>(&milestone)) {
    Handle(*session);
  } else if (const auto* publish = std::get_if<PublishMilestone>(&milestone)) {
    Handle(*publish);
  } else {
    Handle(std::get<SubscribeMilestone>(milestone));
  }
}

// Warp is a way to connect that we do not have; where the reference tells it apart, it is "false".
void SessionMetrics::Handle(const SessionMilestone& milestone) {
  const std::string protocol = ProtocolLabel(milestone.protocol);
  switch (milestone.step) {
    case SessionMilestone::Step::kAdmitted:
      CountJoin("rtc_init", "");
      CountJoin("rtc_connected", "");
      break;
    case SessionMilestone::Step::kActive:
      CountJoin("rtc_active", "");
      CountJoin("rtc_success", "false");
      Observe(start_time_, {protocol, "false"}, StartBounds(), milestone.elapsed);
      break;
    case SessionMilestone::Step::kEnded:
      Observe(duration_, {protocol}, DurationBounds(), milestone.elapsed);
      break;
    case SessionMilestone::Step::kFailed:
      CountJoin("rtc_failure", "false");
      break;
    case SessionMilestone::Step::kCanceled:
      CountJoin("rtc_canceled", "");
      break;
  }
}

void SessionMetrics::Handle(const PublishMilestone& milestone) {
  const std::string type = TypeLabel(milestone.type);
  switch (milestone.step) {
    case PublishMilestone::Step::kAttempt:
      ++publishes_[{type, "attempt"}];
      break;
    case PublishMilestone::Step::kSuccess:
      ++publishes_[{type, "success"}];
      ObserveTime("publish", milestone);
      break;
    case PublishMilestone::Step::kCancel:
      ++publishes_[{type, "cancel"}];
      break;
  }
}

void SessionMetrics::Handle(const SubscribeMilestone& milestone) {
  int64_t& subscribed = subscribed_[milestone.type == livekit::VIDEO ? 1 : 0];
  switch (milestone.step) {
    case SubscribeMilestone::Step::kAttempt:
      ++subscribes_[{"attempt", ""}];
      break;
    case SubscribeMilestone::Step::kSuccess:
      ++subscribes_[{"success", ""}];
      ++subscribed;
      ObserveTime("subscribe-stream-start", milestone);
      break;
    case SubscribeMilestone::Step::kCancel:
      ++subscribes_[{"cancel", ""}];
      break;
    case SubscribeMilestone::Step::kFailure:
      ++subscribes_[{"failure", ErrorLabel(milestone.error)}];
      break;
    case SubscribeMilestone::Step::kEnd:
      --subscribed;
      break;
  }
}

void SessionMetrics::CountJoin(const char* state, const char* warp) { ++joins_[{state, warp}]; }

// The reference measures some tracks together and says how many; we measure each.
template <typename PublishOrSubscribe>
void SessionMetrics::ObserveTime(const char* direction, const PublishOrSubscribe& milestone) {
  Observe(pubsub_time_,
          {direction, SourceLabel(milestone.source), TypeLabel(milestone.type), "",
           SdkLabel(milestone.sdk), KindLabel(milestone.kind), "1"},
          kPubSubBounds, milestone.elapsed);
}

void SessionMetrics::Collect(std::vector<MetricFamily>& families) const {
  const absl::MutexLock lock(&mutex_);
  AddCounts(families,
            CounterFamily("livekit_participant_join_total", "Joins, by how far they came."), joins_,
            {"state", "warp"});
  AddCounts(families,
            CounterFamily("livekit_track_publish_counter", "Tracks, by how far publishing came."),
            publishes_, {"kind", "state"});
  AddCounts(
      families,
      CounterFamily("livekit_track_subscribe_counter", "Subscriptions, by how far they came."),
      subscribes_, {"state", "error"});

  MetricFamily subscribed = GaugeFamily("livekit_track_subscribed_total",
                                        "Tracks being received now, once for each receiver.");
  AddValue(subscribed, static_cast<double>(subscribed_[0]), {{"kind", "AUDIO"}});
  AddValue(subscribed, static_cast<double>(subscribed_[1]), {{"kind", "VIDEO"}});
  families.push_back(std::move(subscribed));

  AddHistograms(families,
                HistogramFamily("livekit_session_join_latency_ms",
                                "From a client's request to the first signal response."),
                join_latency_, {"protocol_version"});
  AddHistograms(families,
                HistogramFamily("livekit_session_start_time_ms",
                                "From the first signal response until media can flow."),
                start_time_, {"protocol_version", "warp"});
  AddHistograms(families,
                HistogramFamily("livekit_session_duration_ms", "How long media could flow."),
                duration_, {"protocol_version"});
  AddHistograms(families,
                HistogramFamily("livekit_pubsubtime_ms",
                                "From the wish to publish or to receive until the first media."),
                pubsub_time_, {"direction", "source", "type", "country", "sdk", "kind", "count"});
}

}  // namespace sfu::server
