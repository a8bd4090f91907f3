#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kWordSize = 4;
constexpr uint8_t kPaddingBit = 0x20;

size_t SizeOfFirst(absl::Span<const uint8_t> packets) {
  const auto words = static_cast<size_t>(packets[2] << 8 | packets[3]);
  return (words + 1) * kWordSize;
}

size_t PaddingOf(absl::Span<const uint8_t> packet) {
  return (packet[0] & kPaddingBit) != 0 ? packet.back() : 0;
}

// Transport feedback is padded by one to three bytes and need not come last, so neither of the
// rules of RFC 3550 §6.4.1, whole words and only in the last packet, can be insisted on.
bool HasBadPadding(absl::Span<const uint8_t> packet) {
  if ((packet[0] & kPaddingBit) == 0) {
    return false;
  }
  const size_t padding = packet.back();
  return padding == 0 || padding > packet.size() - kCommonHeaderSize;
}

}  // namespace

std::optional<CompoundView> CompoundView::Parse(absl::Span<const uint8_t> compound) {
  if (compound.empty() || compound.size() > kMaxSize) {
    return std::nullopt;
  }
  absl::Span<const uint8_t> rest = compound;
  for (size_t count = 0; !rest.empty(); ++count) {
    if (count == kMaxSubPackets || rest.size() < kCommonHeaderSize || rest[0] >> 6 != 2) {
      return std::nullopt;
    }
    const size_t size = SizeOfFirst(rest);
    if (size > rest.size() || HasBadPadding(rest.first(size))) {
      return std::nullopt;
    }
    rest.remove_prefix(size);
  }
  return CompoundView(compound);
}

SubPacket CompoundView::Iterator::operator*() const {
  const absl::Span<const uint8_t> packet = rest_.first(SizeOfFirst(rest_));
  const size_t body_size = packet.size() - kCommonHeaderSize - PaddingOf(packet);
  return {.type = static_cast<PacketType>(packet[1]),
          .count = static_cast<uint8_t>(packet[0] & 0x1f),
          .body = packet.subspan(kCommonHeaderSize, body_size)};
}

CompoundView::Iterator& CompoundView::Iterator::operator++() {
  rest_.remove_prefix(SizeOfFirst(rest_));
  return *this;
}

}  // namespace sfu::rtcp
