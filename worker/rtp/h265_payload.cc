#include "worker/rtp/h265_payload.h"

#include "common/base/byte_reader.h"

namespace sfu::rtp {
namespace {

constexpr uint8_t kFirstSublayerSwitch = 2;  // TSA_N, TSA_R, STSA_N, STSA_R.
constexpr uint8_t kLastSublayerSwitch = 5;
constexpr uint8_t kFirstRandomAccess = 16;
constexpr uint8_t kLastRandomAccess = 21;
constexpr uint8_t kFirstParameterSet = 32;
constexpr uint8_t kLastParameterSet = 34;
constexpr uint8_t kAggregation = 48;
constexpr uint8_t kFragmentation = 49;
constexpr size_t kNalHeaderSize = 2;

// Adds a NAL unit that starts in this packet.
void NoteNal(uint8_t type, H265Payload& result) {
  result.nal_start = true;
  if ((type >= kFirstRandomAccess && type <= kLastRandomAccess) ||
      (type >= kFirstParameterSet && type <= kLastParameterSet)) {
    result.key_frame_start = true;
  }
  if (type >= kFirstSublayerSwitch && type <= kLastSublayerSwitch) {
    result.temporal_switch = true;
  }
}

uint8_t TypeOf(uint8_t first_header_byte) {
  return static_cast<uint8_t>(first_header_byte >> 1 & 0x3f);
}

// False if truncated.
bool ParseAggregate(ByteReader reader, H265Payload& result) {
  do {
    const std::optional<uint16_t> size = reader.ReadU16();
    if (!size || *size < kNalHeaderSize) {
      return false;
    }
    const std::optional<absl::Span<const uint8_t>> nal = reader.ReadBytes(*size);
    if (!nal) {
      return false;
    }
    NoteNal(TypeOf(nal->front()), result);
  } while (reader.remaining() > 0);
  return true;
}

bool ParseFragment(ByteReader reader, H265Payload& result) {
  const std::optional<uint8_t> header = reader.ReadU8();
  if (!header || reader.remaining() == 0) {
    return false;
  }
  if ((*header & 0x80) != 0) {
    NoteNal(*header & 0x3f, result);
  }
  return true;
}

}  // namespace

std::optional<H265Payload> H265Payload::Parse(absl::Span<const uint8_t> payload) {
  ByteReader reader(payload);
  const std::optional<uint16_t> header = reader.ReadU16();
  if (!header || (*header & 0x07) == 0) {  // The temporal id is sent plus one.
    return std::nullopt;
  }
  H265Payload result;
  result.temporal_id = static_cast<uint8_t>((*header & 0x07) - 1);
  const uint8_t type = TypeOf(payload[0]);
  if (type == kAggregation) {
    return ParseAggregate(reader, result) ? std::optional(result) : std::nullopt;
  }
  if (type == kFragmentation) {
    return ParseFragment(reader, result) ? std::optional(result) : std::nullopt;
  }
  if (type > kFragmentation) {
    return std::nullopt;
  }
  NoteNal(type, result);
  return result;
}

}  // namespace sfu::rtp
