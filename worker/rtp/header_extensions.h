#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "worker/rtp/extension_map.h"
#include "worker/rtp/rtp_packet_view.h"

namespace sfu::rtp {

// Where a value lies in a packet. Survives the packet being copied or referenced; size 0 is "none".
struct ExtensionSlice {
  uint16_t offset = 0;  // From the first byte of the RTP packet.
  uint8_t size = 0;

  bool present() const { return size != 0; }
  absl::Span<const uint8_t> In(absl::Span<const uint8_t> packet) const {
    return packet.subspan(offset, size);
  }
};

// The extension values of one packet, found by type (RFC 8285 §4.2-4.3, [RX-3]). Borrows the bytes
// of the view. Both forms are read, negotiated or not:
//
//   one byte, profile 0xBEDE          two bytes, profile 0x100X
//    0 1 2 3 4 5 6 7                   0                   1
//   +-+-+-+-+-+-+-+-+                  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//   |  ID   | len-1 | value           +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   +-+-+-+-+-+-+-+-+                 |      ID       |      len      | value
//
// Ids that are not in the map are skipped; of a repeated one the first counts. A value of no bytes
// is treated as absent. Parsing stops at the reserved id 15 and at an element that overruns the
// block; what came before stays valid.
class HeaderExtensions {
 public:
  static HeaderExtensions Parse(const RtpPacketView& packet, const ExtensionMap& map);

  // Empty when the packet does not carry it.
  absl::Span<const uint8_t> Value(ExtensionType type) const { return SliceOf(type).In(packet_); }
  ExtensionSlice SliceOf(ExtensionType type) const { return slices_[static_cast<size_t>(type)]; }
  bool Has(ExtensionType type) const { return SliceOf(type).present(); }

  // An element overran the block, or the profile is neither form.
  bool malformed() const { return malformed_; }

 private:
  explicit HeaderExtensions(absl::Span<const uint8_t> packet) : packet_(packet) {}

  void ParseOneByte(const RtpPacketView& packet, const ExtensionMap& map);
  void ParseTwoByte(const RtpPacketView& packet, const ExtensionMap& map);
  void Note(const ExtensionMap& map, uint8_t id, size_t offset, size_t size);

  absl::Span<const uint8_t> packet_;
  std::array<ExtensionSlice, kExtensionTypeCount> slices_ = {};
  bool malformed_ = false;
};

}  // namespace sfu::rtp
