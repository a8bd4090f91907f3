#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtp {

// The VP8 payload descriptor (RFC 7741 §4.2). The bytes behind it are never touched: with
// end-to-end encryption they are ciphertext [E2E-3].
//
//        0 1 2 3 4 5 6 7
//       +-+-+-+-+-+-+-+-+
//       |X|R|N|S|R| PID |
//       +-+-+-+-+-+-+-+-+
//  X:   |I|L|T|K| RSV   |
//       +-+-+-+-+-+-+-+-+
//  I:   |M| picture id  |  M: 15 bits, one more byte follows
//       +-+-+-+-+-+-+-+-+
//  L:   |   TL0PICIDX   |
//       +-+-+-+-+-+-+-+-+
//  T/K: |TID|Y| KEYIDX  |
//       +-+-+-+-+-+-+-+-+
struct Vp8Descriptor {
  static constexpr size_t kMaxSize = 6;
  static constexpr uint16_t kMaxShortPictureId = 0x7f;
  static constexpr uint16_t kMaxLongPictureId = 0x7fff;

  bool non_reference = false;
  bool partition_start = false;
  uint8_t partition_id = 0;
  std::optional<uint16_t> picture_id;
  bool long_picture_id = false;  // 15-bit form on the wire.
  std::optional<uint8_t> tl0_picture_index;
  std::optional<uint8_t> temporal_id;
  bool layer_sync = false;           // Y: depends on the base layer only. With temporal_id.
  std::optional<uint8_t> key_index;  // 5 bits.
  uint8_t size = 0;                  // Bytes it took on the wire.
  bool key_frame = false;            // Of the payload behind it; known at a frame's start only.

  // nullopt if the descriptor is truncated or leaves no payload.
  static std::optional<Vp8Descriptor> Parse(absl::Span<const uint8_t> payload);

  bool frame_start() const { return partition_start && partition_id == 0; }

  // What Write() will take; differs from `size` after the picture id was widened.
  size_t WrittenSize() const;
  // Writes the descriptor, with the fields as they now are, to the front of `out`, which must hold
  // WrittenSize(). A short picture id above kMaxShortPictureId is our bug: set long_picture_id.
  size_t Write(absl::Span<uint8_t> out) const;
};

}  // namespace sfu::rtp
