#include "worker/receive/stream_activity.h"

#include <algorithm>
#include <cmath>

namespace sfu::receive {
namespace {

constexpr uint32_t kPacketsToLive = 3;
// Weight of a 100 ms sample in an average over about a second.
constexpr double kSampleWeight = 0.1;
constexpr absl::Duration kSilentAfter = absl::Seconds(1);

}  // namespace

void StreamActivity::HandlePacket(Timestamp now, size_t bytes, bool key_frame_start) {
  if (!IsLive(now)) {
    packets_since_dead_ = live_ ? 0 : packets_since_dead_;
    live_ = key_frame_start || ++packets_since_dead_ >= kPacketsToLive;
    packets_since_dead_ = live_ ? 0 : packets_since_dead_;
  }
  if (now - last_packet_ > kSilentAfter) {
    // Nothing to average with.
    bytes_per_second_ = 0;
    sample_bytes_ = 0;
    sample_start_ = now;
  }
  last_packet_ = now;
  CloseSamples(now);
  sample_bytes_ += static_cast<int64_t>(bytes);
}

void StreamActivity::CloseSamples(Timestamp now) {
  while (now - sample_start_ >= kSample) {
    const double rate = static_cast<double>(sample_bytes_) / absl::ToDoubleSeconds(kSample);
    bytes_per_second_ += (rate - bytes_per_second_) * kSampleWeight;
    sample_bytes_ = 0;
    sample_start_ = sample_start_ + kSample;

    const int64_t second = sample_start_.micros() / 1'000'000;
    double& peak = peaks_[static_cast<size_t>(second) % kPeakSeconds];
    for (int64_t stale =
             std::max(peak_second_ + 1, second - static_cast<int64_t>(kPeakSeconds) + 1);
         stale <= second; ++stale) {
      peaks_[static_cast<size_t>(stale) % kPeakSeconds] = 0;
    }
    peak_second_ = second;
    peak = std::max(peak, bytes_per_second_);
  }
}

int64_t StreamActivity::BitsPerSecond(Timestamp now) const {
  return now - last_packet_ > kSilentAfter ? 0 : std::llround(bytes_per_second_ * 8);
}

int64_t StreamActivity::PeakBitsPerSecond(Timestamp now) const {
  const int64_t second = now.micros() / 1'000'000;
  double peak = 0;
  for (int64_t s = std::max<int64_t>(peak_second_ - static_cast<int64_t>(kPeakSeconds) + 1,
                                     second - static_cast<int64_t>(kPeakSeconds) + 1);
       s <= peak_second_; ++s) {
    peak = std::max(peak, peaks_[static_cast<size_t>(std::max<int64_t>(s, 0)) % kPeakSeconds]);
  }
  return std::llround(peak * 8);
}

}  // namespace sfu::receive
