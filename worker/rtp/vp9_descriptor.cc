#include "worker/rtp/vp9_descriptor.h"

#include "common/base/byte_reader.h"

namespace sfu::rtp {
namespace {

constexpr unsigned kI = 0x80;
constexpr unsigned kP = 0x40;
constexpr unsigned kL = 0x20;
constexpr unsigned kF = 0x10;
constexpr unsigned kB = 0x08;
constexpr unsigned kE = 0x04;
constexpr unsigned kV = 0x02;
constexpr unsigned kZ = 0x01;
constexpr int kMaxReferences = 3;

// All of these: false if truncated or malformed.

bool ParsePictureId(ByteReader& reader, Vp9Descriptor& descriptor) {
  const std::optional<uint8_t> high = reader.ReadU8();
  if (!high) {
    return false;
  }
  descriptor.picture_id = static_cast<uint16_t>(*high & 0x7f);
  if ((*high & 0x80) == 0) {
    return true;
  }
  const std::optional<uint8_t> low = reader.ReadU8();
  if (!low) {
    return false;
  }
  descriptor.long_picture_id = true;
  descriptor.picture_id = static_cast<uint16_t>((*high & 0x7f) << 8 | *low);
  return true;
}

bool ParseLayerIndices(ByteReader& reader, Vp9Descriptor& descriptor) {
  const std::optional<uint8_t> indices = reader.ReadU8();
  if (!indices) {
    return false;
  }
  descriptor.has_layer_indices = true;
  descriptor.temporal_id = static_cast<uint8_t>(*indices >> 5);
  descriptor.switching_up_point = (*indices & 0x10) != 0;
  descriptor.spatial_id = static_cast<uint8_t>(*indices >> 1 & 0x07);
  descriptor.inter_layer_predicted = (*indices & 0x01) != 0;
  if (!descriptor.flexible_mode) {
    descriptor.tl0_picture_index = reader.ReadU8();
    return descriptor.tl0_picture_index.has_value();
  }
  return true;
}

bool SkipReferences(ByteReader& reader) {
  for (int i = 0; i < kMaxReferences; ++i) {
    const std::optional<uint8_t> reference = reader.ReadU8();
    if (!reference) {
      return false;
    }
    if ((*reference & 0x01) == 0) {
      return true;
    }
  }
  return false;
}

// The structure: |N_S|Y|G|-|, then with Y a width and height per layer, and with G the pictures of
// a group, |TID|U|R|-| and R reference bytes each.
bool ParseStructure(ByteReader& reader, Vp9Descriptor& descriptor) {
  const std::optional<uint8_t> first = reader.ReadU8();
  if (!first) {
    return false;
  }
  descriptor.has_structure = true;
  descriptor.structure_spatial_layers = static_cast<uint8_t>((*first >> 5) + 1);
  const bool has_resolutions = (*first & 0x10) != 0;
  const bool has_group = (*first & 0x08) != 0;
  if (has_resolutions && !reader.Skip(size_t{4} * descriptor.structure_spatial_layers)) {
    return false;
  }
  if (!has_group) {
    return true;
  }
  const std::optional<uint8_t> pictures = reader.ReadU8();
  if (!pictures) {
    return false;
  }
  for (int i = 0; i < *pictures; ++i) {
    const std::optional<uint8_t> picture = reader.ReadU8();
    if (!picture || !reader.Skip(*picture >> 2 & 0x03)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Vp9Descriptor> Vp9Descriptor::Parse(absl::Span<const uint8_t> payload) {
  ByteReader reader(payload);
  const std::optional<uint8_t> first = reader.ReadU8();
  if (!first) {
    return std::nullopt;
  }
  Vp9Descriptor descriptor;
  descriptor.inter_picture_predicted = (*first & kP) != 0;
  descriptor.flexible_mode = (*first & kF) != 0;
  descriptor.frame_start = (*first & kB) != 0;
  descriptor.frame_end = (*first & kE) != 0;
  descriptor.not_upper_reference = (*first & kZ) != 0;
  if ((*first & kI) != 0 && !ParsePictureId(reader, descriptor)) {
    return std::nullopt;
  }
  if ((*first & kL) != 0 && !ParseLayerIndices(reader, descriptor)) {
    return std::nullopt;
  }
  if (descriptor.flexible_mode && descriptor.inter_picture_predicted && !SkipReferences(reader)) {
    return std::nullopt;
  }
  if ((*first & kV) != 0 && !ParseStructure(reader, descriptor)) {
    return std::nullopt;
  }
  if (reader.remaining() == 0) {
    return std::nullopt;
  }
  descriptor.size = static_cast<uint16_t>(reader.offset());
  return descriptor;
}

}  // namespace sfu::rtp
