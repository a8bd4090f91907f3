#include "worker/rtp/retransmission.h"

#include <cstring>

#include "common/base/byte_writer.h"
#include "common/base/check.h"
#include "common/base/field_reader.h"

namespace sfu::rtp {

std::optional<SequenceNumber> OriginalSequence(absl::Span<const uint8_t> rtx_payload) {
  if (rtx_payload.size() <= kOriginalSequenceSize) {
    return std::nullopt;
  }
  return SequenceNumber(FieldReader(rtx_payload).ReadU16());
}

void WriteOriginalSequence(SequenceNumber original, absl::Span<uint8_t> out) {
  ByteWriter(out).WriteU16(original.value());
}

bool RestoreOriginal(PacketRef& packet, Ssrc media_ssrc, PayloadType media_payload_type) {
  const std::optional<RtpPacketView> rtx = RtpPacketView::Parse(packet.bytes());
  SFU_CHECK(rtx.has_value() && packet.unique());
  const std::optional<SequenceNumber> original = OriginalSequence(rtx->payload());
  if (!original) {
    return false;
  }
  const uint8_t marker_bit = rtx->marker() ? 0x80 : 0;
  uint8_t* const header = packet.mutable_bytes().data();
  std::memmove(header + kOriginalSequenceSize, header, rtx->payload_offset());
  packet.RemoveFront(kOriginalSequenceSize);

  ByteWriter number(packet.mutable_bytes().subspan(1));
  number.WriteU8(static_cast<uint8_t>(marker_bit | media_payload_type.value()));
  number.WriteU16(original->value());
  ByteWriter ssrc(packet.mutable_bytes().subspan(8));
  ssrc.WriteU32(media_ssrc.value());
  return true;
}

}  // namespace sfu::rtp
