#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_reader.h"
#include "common/base/byte_writer.h"

namespace sfu {

// What a virtual client writes into each media payload, so that whoever receives it knows exactly
// which packet of which track it was, whatever the server made of its header.
struct MediaMark {
  static constexpr size_t kSize = 22;

  uint32_t track = 0;  // Number of the publication, unique in a simulation.
  uint8_t layer = 0;
  uint32_t sequence = 0;  // Counts the packets of one encoding, from 0.
  uint32_t frame = 0;     // Counts the frames of the track; all encodings of one have it.
  uint32_t captured_ms = 0;
  bool key = false;
  bool start = false;  // First packet of its frame.

  friend bool operator==(const MediaMark&, const MediaMark&) = default;

  void Write(absl::Span<uint8_t> out) const {
    ByteWriter writer(out);
    writer.WriteU32(kMagic);
    writer.WriteU32(track);
    writer.WriteU8(layer);
    writer.WriteU32(sequence);
    writer.WriteU32(frame);
    writer.WriteU32(captured_ms);
    writer.WriteU8(static_cast<uint8_t>((key ? 1 : 0) | (start ? 2 : 0)));
  }

  static std::optional<MediaMark> Read(absl::Span<const uint8_t> bytes) {
    ByteReader reader(bytes);
    if (bytes.size() < kSize || *reader.ReadU32() != kMagic) {
      return std::nullopt;
    }
    MediaMark mark;
    mark.track = *reader.ReadU32();
    mark.layer = *reader.ReadU8();
    mark.sequence = *reader.ReadU32();
    mark.frame = *reader.ReadU32();
    mark.captured_ms = *reader.ReadU32();
    const uint8_t flags = *reader.ReadU8();
    mark.key = (flags & 1) != 0;
    mark.start = (flags & 2) != 0;
    return mark;
  }

 private:
  static constexpr uint32_t kMagic = 0x4d41524b;
};

}  // namespace sfu
