#pragma once

#include <cstdint>
#include <optional>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/rtp/media_packet.h"

namespace sfu::receive {

// How loud one audio track is, for the list of active speakers [AUD-1, AUD-2]. Pure state; lives on
// its room's media thread.
class AudioLevel {
 public:
  struct Options {
    uint8_t active_level_dbov = 35;  // In -dBov: smaller is louder.
    uint8_t min_percentile = 40;     // Share of an interval that must be that loud.
    absl::Duration update_interval = absl::Milliseconds(400);
    uint8_t smooth_intervals = 2;
  };

  explicit AudioLevel(const Options& options);

  // Takes the packet's audio level extension, or guesses from its size where there is none. How
  // much time a packet stands for is the distance of its timestamp to its predecessor's.
  void ObservePacket(Timestamp now, const rtp::MediaPacket& packet);
  void Observe(Timestamp now, int64_t timestamp, uint32_t clock_rate, uint8_t level_dbov);

  // Smoothed linear loudness, 0 to 1; 0 when silent, below the active level, or without packets for
  // two intervals.
  double Level(Timestamp now) const;
  bool IsActive(Timestamp now) const { return Level(now) > 0; }

 private:
  void CloseInterval();

  const Options options_;
  const double active_threshold_;
  std::optional<int64_t> last_timestamp_;
  Timestamp last_packet_ = Timestamp::FromMicros(0);
  absl::Duration observed_ = absl::ZeroDuration();
  absl::Duration active_ = absl::ZeroDuration();
  uint8_t loudest_ = 127;
  double smoothed_ = 0;
};

}  // namespace sfu::receive
