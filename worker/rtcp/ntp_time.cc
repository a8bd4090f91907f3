#include "worker/rtcp/ntp_time.h"

#include <algorithm>

namespace sfu::rtcp {
namespace {

// From 1900 to 1970: 70 years, 17 of them leap years.
constexpr uint64_t kUnixEpochNtpSeconds = 2'208'988'800;
constexpr uint64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

uint64_t ToNtp(absl::Time wall) {
  const auto nanos = static_cast<uint64_t>(absl::ToUnixNanos(wall));
  const uint64_t seconds = nanos / kNanosPerSecond + kUnixEpochNtpSeconds;
  const uint64_t fraction = ((nanos % kNanosPerSecond) << 32) / kNanosPerSecond;
  return seconds << 32 | fraction;
}

absl::Time FromNtp(uint64_t ntp) {
  const auto seconds = static_cast<int64_t>(ntp >> 32) - static_cast<int64_t>(kUnixEpochNtpSeconds);
  // Rounded to the nearest, so that a time survives the way there and back.
  const uint64_t nanos = ((ntp & UINT32_MAX) * kNanosPerSecond + (uint64_t{1} << 31)) >> 32;
  return absl::FromUnixSeconds(seconds) + absl::Nanoseconds(static_cast<int64_t>(nanos));
}

uint32_t ToCompactNtp(absl::Duration duration) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  constexpr int64_t kMaxMicros = int64_t{65'536} * kMicrosPerSecond - 1;
  const int64_t micros = std::clamp(absl::ToInt64Microseconds(duration), int64_t{0}, kMaxMicros);
  return static_cast<uint32_t>((micros << 16) / kMicrosPerSecond);
}

absl::Duration FromCompactNtp(uint32_t compact) {
  return absl::Microseconds(static_cast<int64_t>((uint64_t{compact} * 1'000'000 + 0x8000) >> 16));
}

std::optional<absl::Duration> RoundTripTime(uint32_t now_compact, uint32_t last_report,
                                            uint32_t delay) {
  if (last_report == 0) {
    return std::nullopt;
  }
  // Modulo 2^32; the upper half is "negative": clocks and roundings that disagree by a little.
  const uint32_t elapsed = now_compact - last_report - delay;
  const absl::Duration round_trip =
      elapsed < 0x8000'0000u ? FromCompactNtp(elapsed) : absl::ZeroDuration();
  return std::max(round_trip, absl::Milliseconds(1));
}

}  // namespace sfu::rtcp
