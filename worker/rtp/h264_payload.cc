#include "worker/rtp/h264_payload.h"

#include "common/base/byte_reader.h"

namespace sfu::rtp {
namespace {

constexpr uint8_t kIdrSlice = 5;
constexpr uint8_t kSequenceParameterSet = 7;
constexpr uint8_t kMaxSingleNal = 23;
constexpr uint8_t kStapA = 24;
constexpr uint8_t kFuA = 28;

uint8_t TypeOf(uint8_t header) { return header & 0x1f; }

bool StartsKeyFrame(uint8_t type) { return type == kIdrSlice || type == kSequenceParameterSet; }

std::optional<H264Payload> ParseAggregate(ByteReader reader) {
  H264Payload result{.nal_start = true, .key_frame_start = false};
  do {
    const std::optional<uint16_t> size = reader.ReadU16();
    if (!size || *size == 0) {
      return std::nullopt;
    }
    const std::optional<absl::Span<const uint8_t>> nal = reader.ReadBytes(*size);
    if (!nal) {
      return std::nullopt;
    }
    result.key_frame_start = result.key_frame_start || StartsKeyFrame(TypeOf(nal->front()));
  } while (reader.remaining() > 0);
  return result;
}

std::optional<H264Payload> ParseFragment(ByteReader reader) {
  const std::optional<uint8_t> header = reader.ReadU8();
  if (!header || reader.remaining() == 0) {
    return std::nullopt;
  }
  const bool start = (*header & 0x80) != 0;
  return H264Payload{.nal_start = start,
                     .key_frame_start = start && StartsKeyFrame(TypeOf(*header))};
}

}  // namespace

std::optional<H264Payload> H264Payload::Parse(absl::Span<const uint8_t> payload) {
  ByteReader reader(payload);
  const std::optional<uint8_t> first = reader.ReadU8();
  if (!first) {
    return std::nullopt;
  }
  const uint8_t type = TypeOf(*first);
  if (type == kStapA) {
    return ParseAggregate(reader);
  }
  if (type == kFuA) {
    return ParseFragment(reader);
  }
  if (type == 0 || type > kMaxSingleNal) {
    return std::nullopt;
  }
  return H264Payload{.nal_start = true, .key_frame_start = StartsKeyFrame(type)};
}

}  // namespace sfu::rtp
