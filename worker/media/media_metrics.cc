#include "worker/media/media_metrics.h"

#include <utility>

#include "common/metrics/metric_family.h"

namespace sfu::media {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using transport::TransportCounters;

// Sums one counter over the threads into one metric of a family.
class Adder {
 public:
  explicit Adder(const std::vector<const MediaThread*>& threads) : threads_(threads) {}

  void operator()(MetricFamily& family, Counter TransportCounters::* counter,
                  std::vector<ClientMetric::Label> labels = {}) const {
    Add(family, std::move(labels), [counter](const MediaThread& thread) {
      return (thread.transport_counters().*counter).value();
    });
  }
  void operator()(MetricFamily& family, Counter MediaCounters::* counter,
                  std::vector<ClientMetric::Label> labels = {}) const {
    Add(family, std::move(labels),
        [counter](const MediaThread& thread) { return (thread.counters().*counter).value(); });
  }
  void operator()(MetricFamily& family, Counter SocketCounters::* counter,
                  std::vector<ClientMetric::Label> labels = {}) const {
    Add(family, std::move(labels), [counter](const MediaThread& thread) {
      return (thread.counters().sockets.*counter).value();
    });
  }

 private:
  template <typename Value>
  void Add(MetricFamily& family, std::vector<ClientMetric::Label> labels, Value value) const {
    ClientMetric metric;
    metric.label = std::move(labels);
    for (const MediaThread* thread : threads_) {
      metric.counter.value += static_cast<double>(value(*thread));
    }
    family.metric.push_back(std::move(metric));
  }

  const std::vector<const MediaThread*>& threads_;
};

void CollectTraffic(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily packets = CounterFamily("sfu_media_packets_total", "RTP and RTCP packets.");
  add(packets, &TransportCounters::rtp_received, {{"direction", "in"}, {"kind", "rtp"}});
  add(packets, &TransportCounters::rtcp_received, {{"direction", "in"}, {"kind", "rtcp"}});
  add(packets, &TransportCounters::rtp_sent, {{"direction", "out"}, {"kind", "rtp"}});
  add(packets, &TransportCounters::rtp_resent, {{"direction", "out"}, {"kind", "rtp_again"}});
  add(packets, &TransportCounters::rtcp_sent, {{"direction", "out"}, {"kind", "rtcp"}});
  families.push_back(std::move(packets));

  MetricFamily bytes = CounterFamily("sfu_media_rtp_bytes_total", "Bytes of RTP packets.");
  add(bytes, &TransportCounters::rtp_received_bytes, {{"direction", "in"}, {"kind", "rtp"}});
  add(bytes, &TransportCounters::rtp_sent_bytes, {{"direction", "out"}, {"kind", "rtp"}});
  add(bytes, &TransportCounters::rtp_resent_bytes, {{"direction", "out"}, {"kind", "rtp_again"}});
  families.push_back(std::move(bytes));

  MetricFamily messages = CounterFamily("sfu_data_messages_total", "Data channel messages.");
  add(messages, &TransportCounters::data_messages_received, {{"direction", "in"}});
  add(messages, &TransportCounters::data_messages_sent, {{"direction", "out"}});
  families.push_back(std::move(messages));
}

void CollectDrops(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily dropped =
      CounterFamily("sfu_packets_dropped_total", "Received datagrams that were not processed.");
  const auto reason = [&](auto counter, const char* name) {
    add(dropped, counter, {{"reason", name}});
  };
  reason(&MediaCounters::dropped_unknown_transport, "unknown_transport");
  reason(&MediaCounters::dropped_unknown_ufrag, "unknown_ufrag");
  reason(&MediaCounters::dropped_stun_limit, "stun_limit");
  reason(&MediaCounters::dropped_not_stun_check, "not_stun_check");
  reason(&SocketCounters::dropped_oversized, "oversized");
  reason(&SocketCounters::dropped_pool_exhausted, "pool_exhausted");
  reason(&TransportCounters::dropped_unknown_kind, "unknown_kind");
  reason(&TransportCounters::dropped_unknown_path, "unknown_path");
  reason(&TransportCounters::dropped_before_keys, "before_keys");
  reason(&TransportCounters::dropped_malformed, "malformed");
  reason(&TransportCounters::dropped_authentication, "authentication");
  reason(&TransportCounters::dropped_replay, "replay");
  reason(&TransportCounters::dropped_too_many_streams, "too_many_streams");
  reason(&TransportCounters::dropped_ingress_limit, "ingress_limit");
  reason(&TransportCounters::dropped_data_unknown_label, "data_unknown_label");
  reason(&TransportCounters::dropped_data_early, "data_early");
  families.push_back(std::move(dropped));
}

void CollectUnsent(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily unsent =
      CounterFamily("sfu_packets_unsent_total", "Packets and messages of ours that did not leave.");
  const auto reason = [&](auto counter, const char* name) {
    add(unsent, counter, {{"reason", name}});
  };
  reason(&TransportCounters::unsent_not_connected, "not_connected");
  reason(&TransportCounters::unsent_queue_full, "queue_full");
  reason(&TransportCounters::unsent_silent_peer, "silent_peer");
  reason(&TransportCounters::unsent_too_large, "too_large");
  reason(&TransportCounters::unsent_refused, "srtp_refused");
  reason(&TransportCounters::unsent_control_overflow, "control_overflow");
  reason(&TransportCounters::unsent_data_refused, "data_refused");
  reason(&SocketCounters::unsent_would_block, "socket_full");
  reason(&SocketCounters::unsent_error, "socket_error");
  families.push_back(std::move(unsent));
}

void CollectTransports(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily states =
      CounterFamily("sfu_transport_state_changes_total", "Changes of transports into a state.");
  add(states, &TransportCounters::connected, {{"state", "connected"}});
  add(states, &TransportCounters::disconnected, {{"state", "disconnected"}});
  add(states, &TransportCounters::failed_consent, {{"state", "failed_consent"}});
  add(states, &TransportCounters::failed_dtls, {{"state", "failed_dtls"}});
  families.push_back(std::move(states));
}

void CollectSockets(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily datagrams = CounterFamily("sfu_udp_datagrams_total", "Datagrams on media sockets.");
  add(datagrams, &SocketCounters::datagrams_received, {{"direction", "in"}});
  add(datagrams, &SocketCounters::datagrams_sent, {{"direction", "out"}});
  families.push_back(std::move(datagrams));

  MetricFamily bytes = CounterFamily("sfu_udp_bytes_total", "Bytes on media sockets.");
  add(bytes, &SocketCounters::bytes_received, {{"direction", "in"}});
  add(bytes, &SocketCounters::bytes_sent, {{"direction", "out"}});
  families.push_back(std::move(bytes));

  MetricFamily calls = CounterFamily("sfu_udp_send_calls_total", "Batched send calls.");
  add(calls, &SocketCounters::send_calls);
  families.push_back(std::move(calls));

  MetricFamily segmented = CounterFamily("sfu_udp_segmented_sends_total",
                                         "Sends that carried several datagrams in segments.");
  add(segmented, &SocketCounters::segmented_sends);
  families.push_back(std::move(segmented));

  MetricFamily disabled = CounterFamily("sfu_udp_segmentation_disabled_total",
                                        "Sockets whose path turned out not to do segmentation.");
  add(disabled, &SocketCounters::segmentation_disabled);
  families.push_back(std::move(disabled));
}

void CollectLoop(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily passes = CounterFamily("sfu_media_loop_passes_total", "Passes of media loops.");
  add(passes, &MediaCounters::passes);
  families.push_back(std::move(passes));

  MetricFamily slow =
      CounterFamily("sfu_media_loop_slow_passes_total", "Passes that took more than 5 ms.");
  add(slow, &MediaCounters::slow_passes);
  families.push_back(std::move(slow));

  MetricFamily busy =
      CounterFamily("sfu_media_loop_busy_seconds_total", "Time that media loops spent working.");
  add(busy, &MediaCounters::busy_microseconds);
  busy.metric.back().counter.value /= 1e6;
  families.push_back(std::move(busy));
}

}  // namespace

MediaMetrics::MediaMetrics(std::vector<const MediaThread*> threads)
    : threads_(std::move(threads)) {}

std::vector<MetricFamily> MediaMetrics::Collect() const {
  const Adder add(threads_);
  std::vector<MetricFamily> families;
  CollectTraffic(add, families);
  CollectDrops(add, families);
  CollectUnsent(add, families);
  CollectTransports(add, families);
  CollectSockets(add, families);
  CollectLoop(add, families);
  return families;
}

}  // namespace sfu::media
