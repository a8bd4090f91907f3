#include "worker/room/room_counters.h"

#include <gtest/gtest.h>

#include "common/metrics/metric_family.h"

namespace sfu::mediaroom {
namespace {

TEST(RoomCountersTest, AWindowIsMeasuredInPercentAndMicroseconds) {
  RoomCounters counters;
  StreamStatistics& streams = counters.StreamsOf(StreamDirection::kIncoming,
                                                 TrackSource::kMicrophone, rtp::MediaKind::kAudio);
  streams.Observe({.expected_packets = 250,
                   .lost_packets = 5,
                   .out_of_order_packets = 1,
                   .round_trip = absl::Milliseconds(120),
                   .jitter = absl::Milliseconds(20)});
  EXPECT_EQ(streams.lost_packets.value(), 5u);
  EXPECT_EQ(streams.out_of_order_packets.value(), 1u);
  EXPECT_EQ(streams.loss_percent.sum(), 2);
  EXPECT_EQ(streams.out_of_order_percent.sum(), 0.4);
  EXPECT_EQ(streams.jitter_us.sum(), 20'000);
  EXPECT_EQ(streams.round_trip_ms.bucket(2), 1u);  // Above 100, up to 150.
}

TEST(RoomCountersTest, SilenceMeasuresNothing) {
  RoomCounters counters;
  StreamStatistics& streams =
      counters.StreamsOf(StreamDirection::kOutgoing, TrackSource::kCamera, rtp::MediaKind::kVideo);
  streams.Observe({.expected_packets = 0});
  streams.Observe({.expected_packets = 10});
  EXPECT_EQ(CountOf(streams.loss_percent), 1u);
  EXPECT_EQ(CountOf(streams.round_trip_ms), 0u);  // None is known.
}

TEST(RoomCountersTest, QualityIsCountedOnBothScales) {
  RoomCounters counters;
  counters.ObserveQuality(100);
  counters.ObserveQuality(50);
  EXPECT_EQ(counters.quality_rating.bucket(2), 1u);  // Excellent.
  EXPECT_EQ(counters.quality_rating.bucket(1), 1u);  // Good.
  EXPECT_NEAR(counters.opinion_score.sum(), 4.5 + 2.575, 0.001);
}

TEST(RoomCountersTest, AStreamOfUnknownLengthStillHasReceivers) {
  DataStreamStatistics statistics;
  statistics.Observe({.kind = data::StreamKind::kText, .total_bytes = std::nullopt}, 3);
  statistics.Observe({.kind = data::StreamKind::kText, .total_bytes = 600}, 1);
  EXPECT_EQ(CountOf(statistics.receivers), 2u);
  EXPECT_EQ(statistics.bytes.bucket(2), 1u);
}

}  // namespace
}  // namespace sfu::mediaroom
