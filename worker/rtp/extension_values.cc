#include "worker/rtp/extension_values.h"

#include <algorithm>

#include "common/base/byte_reader.h"
#include "common/base/byte_writer.h"
#include "common/base/field_reader.h"

namespace sfu::rtp {
namespace {

constexpr uint16_t kPlayoutDelayUnitMs = 10;
constexpr uint16_t kMaxPlayoutDelay = 0xfff;
constexpr size_t kShortCaptureTimeSize = 8;

}  // namespace

std::optional<AudioLevel> ReadAudioLevel(absl::Span<const uint8_t> value) {
  // The two-byte form may carry a second, reserved byte (RFC 6464 §3).
  if (value.empty() || value.size() > 2) {
    return std::nullopt;
  }
  return AudioLevel{.level = static_cast<uint8_t>(value[0] & 0x7f),
                    .voice = (value[0] & 0x80) != 0};
}

void WriteAudioLevel(AudioLevel level, absl::Span<uint8_t> out) {
  ByteWriter(out).WriteU8(static_cast<uint8_t>((level.voice ? 0x80 : 0) | (level.level & 0x7f)));
}

std::optional<uint16_t> ReadTransportSequenceNumber(absl::Span<const uint8_t> value) {
  return value.size() == kTransportSequenceNumberSize ? ByteReader(value).ReadU16() : std::nullopt;
}

void WriteTransportSequenceNumber(uint16_t sequence, absl::Span<uint8_t> out) {
  ByteWriter(out).WriteU16(sequence);
}

std::optional<uint32_t> ReadAbsoluteSendTime(absl::Span<const uint8_t> value) {
  return value.size() == kAbsoluteSendTimeSize ? ByteReader(value).ReadU24() : std::nullopt;
}

uint32_t AbsoluteSendTime(Timestamp sent) {
  constexpr uint64_t kWrapMicros = 64'000'000;
  const uint64_t micros = static_cast<uint64_t>(sent.micros()) % kWrapMicros;
  return static_cast<uint32_t>((micros << 18) / 1'000'000);
}

void WriteAbsoluteSendTime(Timestamp sent, absl::Span<uint8_t> out) {
  ByteWriter(out).WriteU24(AbsoluteSendTime(sent));
}

std::optional<PlayoutDelay> ReadPlayoutDelay(absl::Span<const uint8_t> value) {
  if (value.size() != kPlayoutDelaySize) {
    return std::nullopt;
  }
  const uint32_t both = FieldReader(value).ReadU24();
  return PlayoutDelay{.min_ms = static_cast<uint16_t>((both >> 12) * kPlayoutDelayUnitMs),
                      .max_ms = static_cast<uint16_t>((both & 0xfff) * kPlayoutDelayUnitMs)};
}

void WritePlayoutDelay(PlayoutDelay delay, absl::Span<uint8_t> out) {
  const auto units = [](uint16_t milliseconds) -> uint32_t {
    return std::min<uint16_t>(milliseconds / kPlayoutDelayUnitMs, kMaxPlayoutDelay);
  };
  ByteWriter(out).WriteU24(units(delay.min_ms) << 12 | units(delay.max_ms));
}

std::optional<AbsoluteCaptureTime> ReadAbsoluteCaptureTime(absl::Span<const uint8_t> value) {
  if (value.size() != kShortCaptureTimeSize && value.size() != kMaxAbsoluteCaptureTimeSize) {
    return std::nullopt;
  }
  FieldReader reader(value);
  AbsoluteCaptureTime time;
  time.ntp = reader.ReadU64();
  if (!reader.rest().empty()) {
    time.clock_offset = static_cast<int64_t>(reader.ReadU64());
  }
  return time;
}

size_t WriteAbsoluteCaptureTime(const AbsoluteCaptureTime& time, absl::Span<uint8_t> out) {
  ByteWriter writer(out);
  writer.WriteU64(time.ntp);
  if (time.clock_offset) {
    writer.WriteU64(static_cast<uint64_t>(*time.clock_offset));
  }
  return writer.size();
}

}  // namespace sfu::rtp
