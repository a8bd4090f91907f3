#pragma once

#include <array>
#include <cstdint>

#include "common/metrics/counter.h"
#include "common/metrics/histogram.h"
#include "worker/data/data_router.h"
#include "worker/room/quality_score.h"
#include "worker/room/track_source.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::mediaroom {

enum class StreamDirection : uint8_t { kIncoming, kOutgoing };
inline constexpr size_t kStreamDirections = 2;
inline constexpr size_t kMediaKinds = 2;

// What the streams of one direction, source and kind went through, five seconds at a time: the
// windows that quality is judged by.
struct StreamStatistics {
  StreamStatistics();
  void Observe(const StreamWindow& window);

  Counter lost_packets;
  Counter out_of_order_packets;
  Histogram loss_percent;
  Histogram out_of_order_percent;
  Histogram jitter_us;
  Histogram round_trip_ms;
};

// How far transports of one role have come, each step counted once for each of them.
struct TransportSteps {
  Counter started;
  Counter ice_and_dtls_connected;
  Counter fully_established;  // With its data channels, if it opens any.
  Counter ended;
};

// Streams of data (files, long texts): what their first packets say of them.
struct DataStreamStatistics {
  DataStreamStatistics();
  void Observe(const data::StreamStart& stream, size_t receivers);

  Histogram receivers;
  Histogram bytes;
};

// What the rooms of one media thread count. That thread is the only writer; exported by
// room_metrics.cc.
struct RoomCounters {
  RoomCounters();

  Counter dropped_unparsable_rtp;
  Counter dropped_unbound_ssrc;  // No media section claims it, and none did for 200 ms.
  Counter dropped_unparsable_rtcp;
  Counter dropped_unknown_feedback;  // For an SSRC that we do not send.

  // Of publishers, plain RTP.
  Counter packets_received;
  Counter bytes_received;
  Counter retransmissions_received;
  Counter retransmitted_bytes_received;

  Counter nacks_sent;            // Sequence numbers that publishers were asked for,
  Counter nacks_received;        // and that subscribers asked for.
  Counter retransmissions_sent;  // Of these, those given to the transport again.
  Counter key_frames_requested;  // PLIs to publishers.
  Counter picture_losses_received;
  Counter intra_requests_received;

  Counter data_routed;
  Counter data_dropped;
  std::array<std::array<DataStreamStatistics, data::kMediaTypes>, data::kStreamKinds> data_streams;

  // By opener of data channels: false is a transport that publishers use, or that does both.
  std::array<TransportSteps, 2> transports;

  std::array<std::array<std::array<StreamStatistics, kMediaKinds>, kTrackSourceCount>,
             kStreamDirections>
      streams;
  StreamStatistics& StreamsOf(StreamDirection direction, TrackSource source, rtp::MediaKind kind) {
    return streams[static_cast<size_t>(direction)][static_cast<size_t>(source)]
                  [static_cast<size_t>(kind)];
  }

  // Of participants, every five seconds: the lowest of their streams.
  Histogram quality_rating;
  Histogram opinion_score;
  void ObserveQuality(double score);
};

}  // namespace sfu::mediaroom
