#pragma once

#include <cstdint>

#include "common/base/strong_id.h"

namespace sfu::rtp {

using Ssrc = StrongId<struct SsrcTag, uint32_t>;
using PayloadType = StrongId<struct PayloadTypeTag, uint8_t>;  // 0..127.
// As on the wire. Code that compares or counts works on unwrapped int64_t instead.
using SequenceNumber = StrongId<struct SequenceNumberTag, uint16_t>;

enum class MediaKind : uint8_t { kAudio, kVideo };

enum class Codec : uint8_t { kOpus, kRed, kPcmu, kPcma, kVp8, kVp9, kH264, kH265, kAv1 };

constexpr MediaKind KindOf(Codec codec) {
  return codec <= Codec::kPcma ? MediaKind::kAudio : MediaKind::kVideo;
}

// Ticks per second of the RTP timestamp. Opus is 48,000 whatever it was sampled at (RFC 7587 §4.1),
// and RED is only ever offered around Opus.
constexpr uint32_t ClockRate(Codec codec) {
  switch (codec) {
    case Codec::kOpus:
    case Codec::kRed:
      return 48'000;
    case Codec::kPcmu:
    case Codec::kPcma:
      return 8'000;
    default:
      return 90'000;
  }
}

}  // namespace sfu::rtp
