#include "worker/rtp/header_extensions.h"

namespace sfu::rtp {
namespace {

constexpr uint16_t kOneByteProfile = 0xbede;
constexpr uint16_t kTwoByteProfile = 0x1000;
constexpr uint16_t kTwoByteProfileMask = 0xfff0;  // The low bits are for the application.
constexpr uint8_t kReservedId = 15;

}  // namespace

HeaderExtensions HeaderExtensions::Parse(const RtpPacketView& packet, const ExtensionMap& map) {
  HeaderExtensions extensions(packet.bytes());
  if (packet.extension_block_offset() == 0) {
    return extensions;
  }
  if (packet.extension_profile() == kOneByteProfile) {
    extensions.ParseOneByte(packet, map);
  } else if ((packet.extension_profile() & kTwoByteProfileMask) == kTwoByteProfile) {
    extensions.ParseTwoByte(packet, map);
  } else {
    extensions.malformed_ = true;
  }
  return extensions;
}

void HeaderExtensions::ParseOneByte(const RtpPacketView& packet, const ExtensionMap& map) {
  const absl::Span<const uint8_t> block = packet.extension_block();
  size_t offset = 0;
  while (offset < block.size()) {
    if (block[offset] == 0) {  // Padding between elements.
      ++offset;
      continue;
    }
    const auto id = static_cast<uint8_t>(block[offset] >> 4);
    const size_t size = (block[offset] & 0x0fu) + 1;
    ++offset;
    if (id == kReservedId || id == 0) {
      return;
    }
    if (size > block.size() - offset) {
      malformed_ = true;
      return;
    }
    Note(map, id, packet.extension_block_offset() + offset, size);
    offset += size;
  }
}

void HeaderExtensions::ParseTwoByte(const RtpPacketView& packet, const ExtensionMap& map) {
  const absl::Span<const uint8_t> block = packet.extension_block();
  size_t offset = 0;
  while (offset < block.size()) {
    const uint8_t id = block[offset++];
    if (id == 0) {  // Padding between elements.
      continue;
    }
    if (offset == block.size() || block[offset] > block.size() - offset - 1) {
      malformed_ = true;
      return;
    }
    const size_t size = block[offset++];
    Note(map, id, packet.extension_block_offset() + offset, size);
    offset += size;
  }
}

void HeaderExtensions::Note(const ExtensionMap& map, uint8_t id, size_t offset, size_t size) {
  const std::optional<ExtensionType> type = map.TypeOf(id);
  if (!type || Has(*type) || offset > UINT16_MAX) {
    return;
  }
  slices_[static_cast<size_t>(*type)] = {static_cast<uint16_t>(offset), static_cast<uint8_t>(size)};
}

}  // namespace sfu::rtp
