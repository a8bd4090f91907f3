#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::receive {

// Whether a stream is alive and how much it sends [LIV-2]. Alive from the first key frame start or
// the third packet, dead after 1.5 s without any (5 s for screens and audio, which pause by
// nature).
class StreamActivity {
 public:
  static constexpr absl::Duration kVideoTimeout = absl::Milliseconds(1500);
  static constexpr absl::Duration kSparseTimeout = absl::Seconds(5);

  explicit StreamActivity(absl::Duration timeout) : timeout_(timeout) {}

  void HandlePacket(Timestamp now, size_t bytes, bool key_frame_start);

  bool IsLive(Timestamp now) const { return live_ && now - last_packet_ < timeout_; }
  // When IsLive() turns false if nothing comes; Never() if it is.
  Timestamp NextTimeout() const { return live_ ? last_packet_ + timeout_ : Timestamp::Never(); }

  // Averaged over about a second; 0 when it is over a second since the last packet.
  int64_t BitsPerSecond(Timestamp now) const;
  // The highest average of the last 5 s: what a bursty source needs.
  int64_t PeakBitsPerSecond(Timestamp now) const;

 private:
  static constexpr absl::Duration kSample = absl::Milliseconds(100);
  static constexpr size_t kPeakSeconds = 5;

  void CloseSamples(Timestamp now);

  const absl::Duration timeout_;
  bool live_ = false;
  uint32_t packets_since_dead_ = 0;
  Timestamp last_packet_ = Timestamp::FromMicros(0);
  Timestamp sample_start_ = Timestamp::FromMicros(0);
  int64_t sample_bytes_ = 0;
  double bytes_per_second_ = 0;
  std::array<double, kPeakSeconds> peaks_ = {};  // By second, modulo their count.
  int64_t peak_second_ = 0;
};

}  // namespace sfu::receive
