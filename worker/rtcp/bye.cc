#include "worker/rtcp/bye.h"

#include "common/base/field_reader.h"

namespace sfu::rtcp {

std::optional<ByeView> ByeView::Parse(const SubPacket& packet) {
  const size_t size = size_t{packet.count} * 4;
  if (packet.body.size() < size) {
    return std::nullopt;
  }
  return ByeView(packet.body.first(size));
}

Ssrc ByeView::operator[](size_t index) const {
  return Ssrc(FieldReader(ssrcs_.subspan(index * 4)).ReadU32());
}

void WriteBye(ByteWriter& out, absl::Span<const Ssrc> sources) {
  WriteCommonHeader(out, PacketType::kBye, static_cast<uint8_t>(sources.size()),
                    sources.size() * 4);
  for (const Ssrc source : sources) {
    out.WriteU32(source.value());
  }
}

}  // namespace sfu::rtcp
