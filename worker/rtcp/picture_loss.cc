#include "worker/rtcp/picture_loss.h"

#include "common/base/field_reader.h"

namespace sfu::rtcp {

std::optional<PictureLoss> PictureLoss::Parse(const SubPacket& packet) {
  if (packet.type != PacketType::kPayloadFeedback || packet.count != kPictureLossFormat ||
      packet.body.size() < kPictureLossSize - kCommonHeaderSize) {
    return std::nullopt;
  }
  FieldReader reader(packet.body);
  const Ssrc sender(reader.ReadU32());
  const Ssrc media(reader.ReadU32());
  return PictureLoss{.sender = sender, .media = media};
}

void WritePictureLoss(ByteWriter& out, const PictureLoss& loss) {
  WriteCommonHeader(out, PacketType::kPayloadFeedback, kPictureLossFormat,
                    kPictureLossSize - kCommonHeaderSize);
  out.WriteU32(loss.sender.value());
  out.WriteU32(loss.media.value());
}

}  // namespace sfu::rtcp
