#include "worker/rtcp/full_intra_request.h"

#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kFixedSize = 8;

}  // namespace

std::optional<FullIntraRequestView> FullIntraRequestView::Parse(const SubPacket& packet) {
  if (packet.type != PacketType::kPayloadFeedback || packet.count != kFullIntraRequestFormat ||
      packet.body.size() < kFixedSize + kItemSize ||
      (packet.body.size() - kFixedSize) % kItemSize != 0) {
    return std::nullopt;
  }
  const Ssrc sender(FieldReader(packet.body).ReadU32());
  return FullIntraRequestView(sender, packet.body.subspan(kFixedSize));
}

FullIntraRequestView::Item FullIntraRequestView::operator[](size_t index) const {
  FieldReader reader(items_.subspan(index * kItemSize, kItemSize));
  const Ssrc media(reader.ReadU32());
  return {.media = media, .sequence = reader.ReadU8()};
}

void WriteFullIntraRequest(ByteWriter& out, Ssrc sender, FullIntraRequestView::Item item) {
  WriteCommonHeader(out, PacketType::kPayloadFeedback, kFullIntraRequestFormat,
                    kFullIntraRequestSize - kCommonHeaderSize);
  out.WriteU32(sender.value());
  out.WriteU32(0);  // The media source field is not used (RFC 5104 §4.3.1.2).
  out.WriteU32(item.media.value());
  out.WriteU8(item.sequence);
  out.WriteU24(0);
}

}  // namespace sfu::rtcp
