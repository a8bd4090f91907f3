#include "worker/rtcp/nack.h"

#include <algorithm>

#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kFixedSize = 8;
constexpr unsigned kMaskBits = 16;

struct Item {
  uint16_t first;
  uint16_t mask = 0;
  size_t taken = 1;  // How many of the missing numbers it stands for.
};

// Precondition: `missing` is not empty.
Item PackItem(absl::Span<const SequenceNumber> missing) {
  Item item{.first = missing.front().value()};
  for (const SequenceNumber sequence : missing.subspan(1)) {
    const auto distance = static_cast<uint16_t>(sequence.value() - item.first);
    if (distance == 0 || distance > kMaskBits) {
      break;
    }
    item.mask = static_cast<uint16_t>(item.mask | 1u << (distance - 1));
    ++item.taken;
  }
  return item;
}

}  // namespace

std::optional<NackView> NackView::Parse(const SubPacket& packet) {
  if (packet.type != PacketType::kTransportFeedback || packet.count != kNackFormat ||
      packet.body.size() < kFixedSize + kItemSize || packet.body.size() % kItemSize != 0) {
    return std::nullopt;
  }
  FieldReader reader(packet.body);
  const Ssrc sender(reader.ReadU32());
  const Ssrc media(reader.ReadU32());
  return NackView(sender, media, reader.rest());
}

size_t WriteNack(ByteWriter& out, Ssrc sender, Ssrc media,
                 absl::Span<const SequenceNumber> missing) {
  constexpr size_t kOverhead = kCommonHeaderSize + kFixedSize;
  if (missing.empty() || out.remaining() < kOverhead + NackView::kItemSize) {
    return 0;
  }
  const size_t item_limit =
      std::min((out.remaining() - kOverhead) / NackView::kItemSize, kMaxNackItems);
  const size_t start = out.size();
  WriteCommonHeader(out, PacketType::kTransportFeedback, kNackFormat, 0);
  out.WriteU32(sender.value());
  out.WriteU32(media.value());
  size_t taken = 0;
  for (size_t items = 0; items < item_limit && taken < missing.size(); ++items) {
    const Item item = PackItem(missing.subspan(taken));
    out.WriteU16(item.first);
    out.WriteU16(item.mask);
    taken += item.taken;
  }
  const size_t body_size = out.size() - start - kCommonHeaderSize;
  out.PatchU16(start + 2, static_cast<uint16_t>(body_size / 4));
  return taken;
}

}  // namespace sfu::rtcp
