#include "worker/rtcp/bye.h"

#include "common/base/byte_reader.h"

namespace sfu::rtcp {

std::optional<ByeView> ByeView::Parse(const SubPacket& packet) {
  const size_t size = packet.count * 4u;
  if (packet.body.size() < size) {
    return std::nullopt;
  }
  return ByeView(packet.body.first(size));
}

Ssrc ByeView::operator[](size_t index) const {
  return Ssrc(*ByteReader(ssrcs_.subspan(index * 4)).ReadU32());
}

void WriteBye(ByteWriter& out, absl::Span<const Ssrc> sources) {
  WriteCommonHeader(out, PacketType::kBye, static_cast<uint8_t>(sources.size()),
                    sources.size() * 4);
  for (const Ssrc source : sources) {
    out.WriteU32(source.value());
  }
}

}  // namespace sfu::rtcp
