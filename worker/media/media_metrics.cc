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
  void operator()(MetricFamily& family, Counter TcpCounters::* counter,
                  std::vector<ClientMetric::Label> labels = {}) const {
    Add(family, std::move(labels),
        [counter](const MediaThread& thread) { return (thread.counters().tcp.*counter).value(); });
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
  reason(&MediaCounters::dropped_handover_full, "handover_full");
  reason(&SocketCounters::dropped_oversized, "oversized");
  reason(&SocketCounters::dropped_pool_exhausted, "pool_exhausted");
  reason(&TcpCounters::dropped_oversized, "tcp_oversized");
  reason(&TcpCounters::dropped_pool_exhausted, "tcp_pool_exhausted");
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
  reason(&TcpCounters::unsent_late, "tcp_late");
  reason(&TcpCounters::unsent_queue_full, "tcp_queue_full");
  reason(&TcpCounters::unsent_no_connection, "tcp_no_connection");
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

void CollectHandovers(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily handovers = CounterFamily("sfu_media_handovers_total",
                                         "Datagrams that one media thread received for another.");
  add(handovers, &MediaCounters::handed_over);
  families.push_back(std::move(handovers));
}

void CollectTcp(const Adder& add, std::vector<MetricFamily>& families) {
  MetricFamily opened = CounterFamily("sfu_tcp_connections_opened_total",
                                      "ICE-TCP connections that media threads took over.");
  add(opened, &TcpCounters::opened);
  families.push_back(std::move(opened));

  MetricFamily closed = CounterFamily("sfu_tcp_connections_closed_total",
                                      "ICE-TCP connections of media threads that ended.");
  add(closed, &TcpCounters::closed_by_peer, {{"reason", "by_peer"}});
  add(closed, &TcpCounters::closed_broken, {{"reason", "broken"}});
  add(closed, &TcpCounters::closed_unused, {{"reason", "unused"}});
  add(closed, &TcpCounters::closed_limit, {{"reason", "limit"}});
  families.push_back(std::move(closed));

  MetricFamily packets = CounterFamily("sfu_tcp_packets_total", "Packets on ICE-TCP connections.");
  add(packets, &TcpCounters::packets_received, {{"direction", "in"}});
  add(packets, &TcpCounters::packets_sent, {{"direction", "out"}});
  families.push_back(std::move(packets));

  MetricFamily bytes = CounterFamily("sfu_tcp_bytes_total", "Bytes on ICE-TCP connections.");
  add(bytes, &TcpCounters::bytes_received, {{"direction", "in"}});
  add(bytes, &TcpCounters::bytes_sent, {{"direction", "out"}});
  families.push_back(std::move(bytes));
}

// Before a media thread has a connection.
void CollectTcpArrivals(const TcpListenerCounters& counters, std::vector<MetricFamily>& families) {
  MetricFamily arrivals =
      CounterFamily("sfu_tcp_arrivals_total", "What became of connections to the ICE-TCP port.");
  const auto outcome = [&](const Counter& counter, const char* name) {
    ClientMetric metric;
    metric.label = {{"outcome", name}};
    metric.counter.value = static_cast<double>(counter.value());
    arrivals.metric.push_back(std::move(metric));
  };
  outcome(counters.handed_over, "handed_over");
  outcome(counters.refused_limit, "too_many");
  outcome(counters.refused_network_limit, "too_many_of_network");
  outcome(counters.closed_silent, "silent");
  outcome(counters.closed_not_check, "not_a_check");
  outcome(counters.closed_by_peer, "by_peer");
  outcome(counters.closed_unknown_thread, "unknown_ufrag");
  outcome(counters.accept_failures, "accept_failed");
  families.push_back(std::move(arrivals));
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

MediaMetrics::MediaMetrics(std::vector<const MediaThread*> threads, const TcpListener* listener)
    : threads_(std::move(threads)), listener_(listener) {}

std::vector<MetricFamily> MediaMetrics::Collect() const {
  const Adder add(threads_);
  std::vector<MetricFamily> families;
  CollectTraffic(add, families);
  CollectDrops(add, families);
  CollectUnsent(add, families);
  CollectTransports(add, families);
  CollectSockets(add, families);
  CollectHandovers(add, families);
  CollectTcp(add, families);
  if (listener_ != nullptr) {
    CollectTcpArrivals(listener_->counters(), families);
  }
  CollectLoop(add, families);
  return families;
}

}  // namespace sfu::media
