#include "worker/rtcp/receiver_report.h"

#include "common/base/byte_reader.h"
#include "common/base/check.h"

namespace sfu::rtcp {

std::optional<ReceiverReportView> ReceiverReportView::Parse(const SubPacket& packet) {
  ByteReader reader(packet.body);
  const std::optional<uint32_t> sender = reader.ReadU32();
  if (!sender) {
    return std::nullopt;
  }
  const std::optional<absl::Span<const uint8_t>> blocks =
      reader.ReadBytes(packet.count * ReportBlock::kSize);
  if (!blocks) {
    return std::nullopt;
  }
  return ReceiverReportView{.sender = Ssrc(*sender), .blocks = ReportBlocksView(*blocks)};
}

void WriteReceiverReport(ByteWriter& out, Ssrc sender, absl::Span<const ReportBlock> blocks) {
  SFU_CHECK(blocks.size() <= kMaxReportBlocks);
  WriteCommonHeader(out, PacketType::kReceiverReport, static_cast<uint8_t>(blocks.size()),
                    ReceiverReportSize(blocks.size()) - kCommonHeaderSize);
  out.WriteU32(sender.value());
  for (const ReportBlock& block : blocks) {
    WriteReportBlock(out, block);
  }
}

}  // namespace sfu::rtcp
