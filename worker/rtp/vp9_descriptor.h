#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtp {

// The VP9 payload descriptor (RFC 9628 §4.2), read only: it is passed on as it is [TX-21].
//
//          0 1 2 3 4 5 6 7
//         +-+-+-+-+-+-+-+-+
//         |I|P|L|F|B|E|V|Z|
//         +-+-+-+-+-+-+-+-+
//  I:     |M| picture id  |  M: 15 bits, one more byte follows
//         +-+-+-+-+-+-+-+-+
//  L:     | TID |U| SID |D|
//         +-+-+-+-+-+-+-+-+
//         |   TL0PICIDX   |  with L, if F=0
//         +-+-+-+-+-+-+-+-+
//  P,F:   |   P_DIFF    |N|  up to three, N: another follows
//         +-+-+-+-+-+-+-+-+
//  V:     | scalability structure ...
struct Vp9Descriptor {
  bool inter_picture_predicted = false;  // P
  bool flexible_mode = false;            // F
  bool frame_start = false;              // B: of this spatial layer's frame.
  bool frame_end = false;                // E
  bool not_upper_reference = false;      // Z: no higher spatial layer of this picture uses it.
  std::optional<uint16_t> picture_id;
  bool long_picture_id = false;
  bool has_layer_indices = false;  // L
  uint8_t temporal_id = 0;
  uint8_t spatial_id = 0;
  bool switching_up_point = false;     // U
  bool inter_layer_predicted = false;  // D
  std::optional<uint8_t> tl0_picture_index;
  bool has_structure = false;            // V
  uint8_t structure_spatial_layers = 0;  // Of the structure; 0 without one.
  uint16_t size = 0;                     // Bytes it took on the wire; a structure can be long.

  // nullopt if the descriptor is truncated, leaves no payload, or has more than three P_DIFFs.
  static std::optional<Vp9Descriptor> Parse(absl::Span<const uint8_t> payload);
};

}  // namespace sfu::rtp
