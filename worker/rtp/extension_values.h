#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/time/timestamp.h"

namespace sfu::rtp {

// The values of the fixed-size extensions (media.md Appendix A). Reading returns nullopt when the
// size is wrong; writing goes to the first bytes of `out`.

// RFC 6464 §3. `level` is in -dBov: 0 is the loudest, 127 is silence.
struct AudioLevel {
  uint8_t level = 127;
  bool voice = false;

  friend bool operator==(const AudioLevel&, const AudioLevel&) = default;
};
std::optional<AudioLevel> ReadAudioLevel(absl::Span<const uint8_t> value);
inline constexpr size_t kAudioLevelSize = 1;
void WriteAudioLevel(AudioLevel level, absl::Span<uint8_t> out);

// draft-holmer-rmcat-transport-wide-cc-extensions-01.
inline constexpr size_t kTransportSequenceNumberSize = 2;
std::optional<uint16_t> ReadTransportSequenceNumber(absl::Span<const uint8_t> value);
void WriteTransportSequenceNumber(uint16_t sequence, absl::Span<uint8_t> out);

// Seconds as unsigned 6.18 fixed point, so it wraps every 64 s. Only differences mean anything, so
// our monotonic clock does.
inline constexpr size_t kAbsoluteSendTimeSize = 3;
std::optional<uint32_t> ReadAbsoluteSendTime(absl::Span<const uint8_t> value);
uint32_t AbsoluteSendTime(Timestamp sent);
void WriteAbsoluteSendTime(Timestamp sent, absl::Span<uint8_t> out);

// Two 12-bit numbers of 10 ms, 0 to 40,950 ms.
struct PlayoutDelay {
  uint16_t min_ms = 0;
  uint16_t max_ms = 0;

  friend bool operator==(const PlayoutDelay&, const PlayoutDelay&) = default;
};
inline constexpr size_t kPlayoutDelaySize = 3;
std::optional<PlayoutDelay> ReadPlayoutDelay(absl::Span<const uint8_t> value);
void WritePlayoutDelay(PlayoutDelay delay, absl::Span<uint8_t> out);  // Clamped, rounded down.

// When the first byte of the frame was captured: NTP time of the capturing system as UQ32.32, and
// optionally the estimated offset of its clock to that of the sender as Q32.32.
struct AbsoluteCaptureTime {
  uint64_t ntp = 0;
  std::optional<int64_t> clock_offset;

  friend bool operator==(const AbsoluteCaptureTime&, const AbsoluteCaptureTime&) = default;
};
inline constexpr size_t kMaxAbsoluteCaptureTimeSize = 16;
std::optional<AbsoluteCaptureTime> ReadAbsoluteCaptureTime(absl::Span<const uint8_t> value);
// Returns the size written, 8 or 16.
size_t WriteAbsoluteCaptureTime(const AbsoluteCaptureTime& time, absl::Span<uint8_t> out);

}  // namespace sfu::rtp
