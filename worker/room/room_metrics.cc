#include "worker/room/room_metrics.h"

#include <string>
#include <utility>

#include "common/metrics/metric_family.h"

namespace sfu::mediaroom {
namespace {

using prometheus::MetricFamily;
using transport::TransportCounters;
using Threads = std::vector<RoomMetrics::Thread>;
using Families = std::vector<MetricFamily>;

constexpr const char* kDirections[] = {"incoming", "outgoing"};
constexpr const char* kSources[] = {"UNKNOWN", "CAMERA", "MICROPHONE", "SCREEN_SHARE",
                                    "SCREEN_SHARE_AUDIO"};
constexpr const char* kKinds[] = {"AUDIO", "VIDEO"};
constexpr const char* kRoles[] = {"PUBLISHER", "SUBSCRIBER"};  // By who opens data channels.

double Sum(const Threads& threads, Counter RoomCounters::* counter) {
  uint64_t sum = 0;
  for (const RoomMetrics::Thread& thread : threads) {
    sum += (thread.rooms->*counter).value();
  }
  return static_cast<double>(sum);
}

double Sum(const Threads& threads, Counter TransportCounters::* counter) {
  uint64_t sum = 0;
  for (const RoomMetrics::Thread& thread : threads) {
    sum += (thread.transports->*counter).value();
  }
  return static_cast<double>(sum);
}

// The reference server tells countries apart; we keep no geography, so the label is empty.
MetricLabels Traffic(const char* direction, const char* transmission) {
  return {{"direction", direction}, {"transmission", transmission}, {"country", ""}};
}

void CollectPackets(const Threads& threads, Families& families) {
  MetricFamily packets = CounterFamily("livekit_packet_total", "RTP packets of clients.");
  AddValue(packets, Sum(threads, &RoomCounters::packets_received), Traffic("incoming", "initial"));
  AddValue(packets, Sum(threads, &RoomCounters::retransmissions_received),
           Traffic("incoming", "retransmit"));
  AddValue(packets, Sum(threads, &TransportCounters::rtp_sent), Traffic("outgoing", "initial"));
  AddValue(packets, Sum(threads, &TransportCounters::rtp_resent),
           Traffic("outgoing", "retransmit"));
  families.push_back(std::move(packets));

  MetricFamily bytes = CounterFamily("livekit_packet_bytes", "Bytes of these packets.");
  AddValue(bytes, Sum(threads, &RoomCounters::bytes_received), Traffic("incoming", "initial"));
  AddValue(bytes, Sum(threads, &RoomCounters::retransmitted_bytes_received),
           Traffic("incoming", "retransmit"));
  AddValue(bytes, Sum(threads, &TransportCounters::rtp_sent_bytes), Traffic("outgoing", "initial"));
  AddValue(bytes, Sum(threads, &TransportCounters::rtp_resent_bytes),
           Traffic("outgoing", "retransmit"));
  families.push_back(std::move(bytes));
}

void CollectFeedback(const Threads& threads, Families& families) {
  const auto both = [&](const char* name, const char* help, double incoming, double outgoing) {
    MetricFamily family = CounterFamily(name, help);
    AddValue(family, incoming, {{"direction", "incoming"}, {"country", ""}});
    AddValue(family, outgoing, {{"direction", "outgoing"}, {"country", ""}});
    families.push_back(std::move(family));
  };
  both("livekit_nack_total", "Packets asked for again.",
       Sum(threads, &RoomCounters::nacks_received), Sum(threads, &RoomCounters::nacks_sent));
  both("livekit_pli_total", "Key frames asked for by PLI.",
       Sum(threads, &RoomCounters::picture_losses_received),
       Sum(threads, &RoomCounters::key_frames_requested));
  // Publishers are asked by PLI only, which all of them understand.
  both("livekit_fir_total", "Key frames asked for by FIR.",
       Sum(threads, &RoomCounters::intra_requests_received), 0);
}

// Each visited with its labels, once it has measured anything: most combinations never do.
template <typename Visit>
void ForEachStreams(const Threads& threads, Visit visit) {
  for (size_t direction = 0; direction < kStreamDirections; ++direction) {
    for (size_t source = 0; source < kTrackSourceCount; ++source) {
      for (size_t kind = 0; kind < kMediaKinds; ++kind) {
        std::vector<const StreamStatistics*> parts;
        uint64_t windows = 0;
        for (const RoomMetrics::Thread& thread : threads) {
          parts.push_back(&thread.rooms->streams[direction][source][kind]);
          windows += CountOf(parts.back()->loss_percent);
        }
        if (windows > 0) {
          visit(parts, MetricLabels{{"direction", kDirections[direction]},
                                    {"source", kSources[source]},
                                    {"type", kKinds[kind]},
                                    {"country", ""}});
        }
      }
    }
  }
}

void CollectStreams(const Threads& threads, Families& families) {
  const auto counter = [&](const char* name, const char* help, Counter StreamStatistics::* member) {
    MetricFamily family = CounterFamily(name, help);
    ForEachStreams(threads, [&](const auto& parts, MetricLabels labels) {
      uint64_t sum = 0;
      for (const StreamStatistics* part : parts) {
        sum += (part->*member).value();
      }
      AddValue(family, static_cast<double>(sum), std::move(labels));
    });
    families.push_back(std::move(family));
  };
  const auto histogram = [&](const char* name, const char* help,
                             Histogram StreamStatistics::* member) {
    MetricFamily family = HistogramFamily(name, help);
    ForEachStreams(threads, [&](const auto& parts, MetricLabels labels) {
      std::vector<const Histogram*> histograms;
      for (const StreamStatistics* part : parts) {
        histograms.push_back(&(part->*member));
      }
      AddHistogram(family, histograms, std::move(labels));
    });
    families.push_back(std::move(family));
  };
  counter("livekit_packet_loss_total", "Packets lost on the way.", &StreamStatistics::lost_packets);
  counter("livekit_packet_out_of_order_total", "Packets that came after a later one.",
          &StreamStatistics::out_of_order_packets);
  histogram("livekit_packet_loss_percent", "Lost packets of a stream in 5 s.",
            &StreamStatistics::loss_percent);
  histogram("livekit_packet_out_of_order_percent", "Packets of a stream out of order in 5 s.",
            &StreamStatistics::out_of_order_percent);
  histogram("livekit_jitter_us", "Jitter of a stream, every 5 s.", &StreamStatistics::jitter_us);
  histogram("livekit_rtt_ms", "Round trip time of a stream, every 5 s.",
            &StreamStatistics::round_trip_ms);
}

void CollectQuality(const Threads& threads, Families& families) {
  const auto histogram = [&](const char* name, const char* help, Histogram RoomCounters::* member) {
    MetricFamily family = HistogramFamily(name, help);
    std::vector<const Histogram*> parts;
    for (const RoomMetrics::Thread& thread : threads) {
      parts.push_back(&(thread.rooms->*member));
    }
    AddHistogram(family, parts);
    families.push_back(std::move(family));
  };
  histogram("livekit_quality_rating",
            "Participants' connections, every 5 s: 0 poor to 2 excellent.",
            &RoomCounters::quality_rating);
  histogram("livekit_quality_score", "The same as a mean opinion score.",
            &RoomCounters::opinion_score);
}

void CollectTransports(const Threads& threads, Families& families) {
  MetricFamily states =
      CounterFamily("livekit_peer_connection_state", "Transports that came this far.");
  MetricFamily connections = GaugeFamily("livekit_connection_total", "Transports now.");
  for (size_t role = 0; role < std::size(kRoles); ++role) {
    const auto sum = [&](Counter TransportSteps::* step) {
      uint64_t total = 0;
      for (const RoomMetrics::Thread& thread : threads) {
        total += (thread.rooms->transports[role].*step).value();
      }
      return static_cast<double>(total);
    };
    const auto add = [&](const char* state, double value) {
      AddValue(states, value, {{"transport", kRoles[role]}, {"state", state}});
    };
    const double ended = sum(&TransportSteps::ended);  // First, so that the gauge is not negative.
    const double started = sum(&TransportSteps::started);
    const double connected = sum(&TransportSteps::ice_and_dtls_connected);
    add("started", started);
    // We are ICE-lite and answer DTLS on the path that ICE has chosen: one step to us.
    add("ice_connected", connected);
    add("connected", connected);
    add("fully_established", sum(&TransportSteps::fully_established));
    AddValue(connections, started - ended, {{"kind", kDirections[role]}});
  }
  families.push_back(std::move(states));
  families.push_back(std::move(connections));
}

void CollectData(const Threads& threads, Families& families) {
  constexpr const char* kTypes[data::kStreamKinds] = {"text", "bytes", "unknown"};
  constexpr const char* kMedia[data::kMediaTypes] = {"text",  "image", "application",
                                                     "audio", "video", "unknown"};
  const auto histogram = [&](const char* name, const char* help,
                             Histogram DataStreamStatistics::* member) {
    MetricFamily family = HistogramFamily(name, help);
    for (size_t type = 0; type < data::kStreamKinds; ++type) {
      for (size_t media = 0; media < data::kMediaTypes; ++media) {
        std::vector<const Histogram*> parts;
        uint64_t count = 0;
        for (const RoomMetrics::Thread& thread : threads) {
          parts.push_back(&(thread.rooms->data_streams[type][media].*member));
          count += CountOf(*parts.back());
        }
        if (count > 0) {
          AddHistogram(family, parts, {{"type", kTypes[type]}, {"mime_type", kMedia[media]}});
        }
      }
    }
    families.push_back(std::move(family));
  };
  histogram("livekit_datapacket_stream_dest_count", "Receivers of a data stream.",
            &DataStreamStatistics::receivers);
  histogram("livekit_datapacket_stream_bytes", "Length of a data stream, where its header has it.",
            &DataStreamStatistics::bytes);
}

void CollectOwn(const Threads& threads, Families& families) {
  MetricFamily dropped =
      CounterFamily("sfu_room_packets_dropped_total", "Packets that came to no stream.");
  AddValue(dropped, Sum(threads, &RoomCounters::dropped_unparsable_rtp),
           {{"reason", "unparsable_rtp"}});
  AddValue(dropped, Sum(threads, &RoomCounters::dropped_unbound_ssrc),
           {{"reason", "unbound_ssrc"}});
  AddValue(dropped, Sum(threads, &RoomCounters::dropped_unparsable_rtcp),
           {{"reason", "unparsable_rtcp"}});
  AddValue(dropped, Sum(threads, &RoomCounters::dropped_unknown_feedback),
           {{"reason", "unknown_feedback"}});
  families.push_back(std::move(dropped));

  MetricFamily served = CounterFamily("sfu_retransmissions_total",
                                      "Packets that subscribers asked for and were given again.");
  AddValue(served, Sum(threads, &RoomCounters::retransmissions_sent));
  families.push_back(std::move(served));

  MetricFamily data = CounterFamily("sfu_data_deliveries_total",
                                    "Data packets for one receiver each, by what became of them.");
  AddValue(data, Sum(threads, &RoomCounters::data_routed), {{"result", "sent"}});
  AddValue(data, Sum(threads, &RoomCounters::data_dropped), {{"result", "dropped"}});
  families.push_back(std::move(data));
}

}  // namespace

std::vector<MetricFamily> RoomMetrics::Collect() const {
  Families families;
  CollectPackets(threads_, families);
  CollectFeedback(threads_, families);
  CollectStreams(threads_, families);
  CollectQuality(threads_, families);
  CollectTransports(threads_, families);
  CollectData(threads_, families);
  CollectOwn(threads_, families);
  return families;
}

}  // namespace sfu::mediaroom
