#include "worker/room/room_counters.h"

namespace sfu::mediaroom {
namespace {

// The bounds that dashboards expect (operations contract, section 5.3).
constexpr double kPercent[] = {0, 0.1, 0.3, 0.5, 0.7, 1, 5, 10, 40, 100};
constexpr double kJitter[] = {1e3, 1e4, 3e4, 5e4, 7e4, 1e5, 3e5, 6e5, 1e6};
constexpr double kRoundTrip[] = {50, 100, 150, 200, 250, 500, 750, 1000, 5000, 10000};
constexpr double kRating[] = {0, 1, 2};
constexpr double kOpinion[] = {1, 2, 2.5, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5};
constexpr double kReceivers[] = {1, 2, 3, 4, 5, 10, 15, 25, 50};
constexpr double kStreamBytes[] = {128,    512,    2048,    8192,    32768,
                                   131072, 524288, 2097152, 8388608, 33554432};

}  // namespace

StreamStatistics::StreamStatistics()
    : loss_percent(kPercent),
      out_of_order_percent(kPercent),
      jitter_us(kJitter),
      round_trip_ms(kRoundTrip) {}

void StreamStatistics::Observe(const StreamWindow& window) {
  if (window.expected_packets == 0) {
    return;  // Nothing was sent, so nothing was measured.
  }
  lost_packets.Add(window.lost_packets);
  out_of_order_packets.Add(window.out_of_order_packets);
  const auto percent = [&](uint32_t packets) { return 100.0 * packets / window.expected_packets; };
  loss_percent.Observe(percent(window.lost_packets));
  out_of_order_percent.Observe(percent(window.out_of_order_packets));
  jitter_us.Observe(absl::ToDoubleMicroseconds(window.jitter));
  if (window.round_trip > absl::ZeroDuration()) {
    round_trip_ms.Observe(absl::ToDoubleMilliseconds(window.round_trip));
  }
}

DataStreamStatistics::DataStreamStatistics() : receivers(kReceivers), bytes(kStreamBytes) {}

void DataStreamStatistics::Observe(const data::StreamStart& stream, size_t receiver_count) {
  receivers.Observe(static_cast<double>(receiver_count));
  if (stream.total_bytes) {
    bytes.Observe(static_cast<double>(*stream.total_bytes));
  }
}

RoomCounters::RoomCounters() : quality_rating(kRating), opinion_score(kOpinion) {}

void RoomCounters::ObserveQuality(double score) {
  quality_rating.Observe(static_cast<double>(QualityScore::RatingOf(score)));
  opinion_score.Observe(QualityScore::MeanOpinionScore(score));
}

}  // namespace sfu::mediaroom
