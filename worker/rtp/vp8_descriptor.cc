#include "worker/rtp/vp8_descriptor.h"

#include "common/base/byte_reader.h"
#include "common/base/byte_writer.h"
#include "common/base/check.h"

namespace sfu::rtp {
namespace {

constexpr unsigned kX = 0x80;
constexpr unsigned kN = 0x20;
constexpr unsigned kS = 0x10;
constexpr unsigned kI = 0x80;
constexpr unsigned kL = 0x40;
constexpr unsigned kT = 0x20;
constexpr unsigned kK = 0x10;
constexpr unsigned kM = 0x80;
constexpr unsigned kY = 0x20;
constexpr unsigned kInterFrameBit = 0x01;  // Of the VP8 payload header (RFC 7741 §4.3).

// False if truncated.
bool ParseExtension(ByteReader& reader, Vp8Descriptor& descriptor) {
  const std::optional<uint8_t> present = reader.ReadU8();
  if (!present) {
    return false;
  }
  if ((*present & kI) != 0) {
    const std::optional<uint8_t> high = reader.ReadU8();
    if (!high) {
      return false;
    }
    descriptor.picture_id = static_cast<uint16_t>(*high & 0x7f);
    if ((*high & kM) != 0) {
      const std::optional<uint8_t> low = reader.ReadU8();
      if (!low) {
        return false;
      }
      descriptor.long_picture_id = true;
      descriptor.picture_id = static_cast<uint16_t>((*high & 0x7f) << 8 | *low);
    }
  }
  if ((*present & kL) != 0) {
    descriptor.tl0_picture_index = reader.ReadU8();
    if (!descriptor.tl0_picture_index) {
      return false;
    }
  }
  if ((*present & (kT | kK)) != 0) {
    const std::optional<uint8_t> both = reader.ReadU8();
    if (!both) {
      return false;
    }
    if ((*present & kT) != 0) {
      descriptor.temporal_id = static_cast<uint8_t>(*both >> 6);
      descriptor.layer_sync = (*both & kY) != 0;
    }
    if ((*present & kK) != 0) {
      descriptor.key_index = static_cast<uint8_t>(*both & 0x1f);
    }
  }
  return true;
}

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::Parse(absl::Span<const uint8_t> payload) {
  ByteReader reader(payload);
  const std::optional<uint8_t> first = reader.ReadU8();
  if (!first) {
    return std::nullopt;
  }
  Vp8Descriptor descriptor;
  descriptor.non_reference = (*first & kN) != 0;
  descriptor.partition_start = (*first & kS) != 0;
  descriptor.partition_id = static_cast<uint8_t>(*first & 0x07);
  if ((*first & kX) != 0 && !ParseExtension(reader, descriptor)) {
    return std::nullopt;
  }
  if (reader.remaining() == 0) {
    return std::nullopt;
  }
  descriptor.size = static_cast<uint8_t>(reader.offset());
  descriptor.key_frame =
      descriptor.frame_start() && (payload[descriptor.size] & kInterFrameBit) == 0;
  return descriptor;
}

size_t Vp8Descriptor::WrittenSize() const {
  const size_t picture_id_size = picture_id ? (long_picture_id ? 2 : 1) : 0;
  const size_t optional_size =
      picture_id_size + (tl0_picture_index ? 1 : 0) + (temporal_id || key_index ? 1 : 0);
  return optional_size == 0 ? 1 : 2 + optional_size;
}

size_t Vp8Descriptor::Write(absl::Span<uint8_t> out) const {
  const bool extended = WrittenSize() > 1;
  ByteWriter writer(out);
  writer.WriteU8(static_cast<uint8_t>((extended ? kX : 0) | (non_reference ? kN : 0) |
                                      (partition_start ? kS : 0) | (partition_id & 0x07)));
  if (!extended) {
    return writer.size();
  }
  writer.WriteU8(static_cast<uint8_t>((picture_id ? kI : 0) | (tl0_picture_index ? kL : 0) |
                                      (temporal_id ? kT : 0) | (key_index ? kK : 0)));
  if (picture_id) {
    if (long_picture_id) {
      writer.WriteU16(static_cast<uint16_t>(kM << 8 | (*picture_id & kMaxLongPictureId)));
    } else {
      SFU_CHECK(*picture_id <= kMaxShortPictureId);
      writer.WriteU8(static_cast<uint8_t>(*picture_id));
    }
  }
  if (tl0_picture_index) {
    writer.WriteU8(*tl0_picture_index);
  }
  if (temporal_id || key_index) {
    writer.WriteU8(static_cast<uint8_t>(unsigned{temporal_id.value_or(0)} << 6 |
                                        (layer_sync ? kY : 0) | (key_index.value_or(0) & 0x1f)));
  }
  return writer.size();
}

}  // namespace sfu::rtp
