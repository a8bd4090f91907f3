#include "worker/receive/audio_level.h"

#include <algorithm>
#include <cmath>

namespace sfu::receive {
namespace {

constexpr uint8_t kSilence = 127;
// For streams without the extension: any packet that is not silence is taken for speech.
constexpr uint8_t kGuessedLevel = 30;
constexpr size_t kMaxSilentPayload = 10;
// A longer distance is a pause, not a packet's duration; the first packet counts as one of 20 ms.
constexpr absl::Duration kMaxPacketDuration = absl::Milliseconds(120);
constexpr absl::Duration kUsualPacketDuration = absl::Milliseconds(20);

double Linear(double dbov) { return std::pow(10, -dbov / 20); }

uint8_t LevelOf(const rtp::MediaPacket& packet) {
  if (packet.audio_level) {
    return packet.audio_level->level;
  }
  const bool silent = packet.description.dtx || packet.payload_size <= kMaxSilentPayload;
  return silent ? kSilence : kGuessedLevel;
}

}  // namespace

AudioLevel::AudioLevel(const Options& options)
    : options_(options), active_threshold_(Linear(options.active_level_dbov)) {}

void AudioLevel::ObservePacket(Timestamp now, const rtp::MediaPacket& packet) {
  Observe(now, packet.timestamp, rtp::ClockRate(packet.codec), LevelOf(packet));
}

void AudioLevel::Observe(Timestamp now, int64_t timestamp, uint32_t clock_rate,
                         uint8_t level_dbov) {
  absl::Duration duration = kUsualPacketDuration;
  if (last_timestamp_) {
    if (timestamp <= *last_timestamp_) {
      return;  // Late, or part of what was already counted.
    }
    const double seconds = static_cast<double>(timestamp - *last_timestamp_) / clock_rate;
    duration = std::min(absl::Seconds(seconds), kMaxPacketDuration);
  }
  last_timestamp_ = timestamp;
  last_packet_ = now;

  observed_ += duration;
  if (level_dbov <= options_.active_level_dbov) {
    active_ += duration;
    loudest_ = std::min(loudest_, level_dbov);
  }
  if (observed_ >= options_.update_interval) {
    CloseInterval();
  }
}

void AudioLevel::CloseInterval() {
  double linear = 0;
  if (active_ * 100 >= observed_ * options_.min_percentile) {
    // Loud for a part of the interval only counts for less.
    const double adjusted = loudest_ - 20 * std::log10(absl::FDivDuration(active_, observed_));
    linear = Linear(adjusted);
  }
  smoothed_ += (linear - smoothed_) * 2 / (options_.smooth_intervals + 1);
  observed_ = absl::ZeroDuration();
  active_ = absl::ZeroDuration();
  loudest_ = kSilence;
}

double AudioLevel::Level(Timestamp now) const {
  if (now - last_packet_ > 2 * options_.update_interval || smoothed_ < active_threshold_) {
    return 0;
  }
  return smoothed_;
}

}  // namespace sfu::receive
