#include "worker/rtcp/sender_report.h"

#include "common/base/check.h"
#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kSenderInfoSize = 24;

}  // namespace

std::optional<SenderReportView> SenderReportView::Parse(const SubPacket& packet) {
  const size_t blocks_size = packet.count * ReportBlock::kSize;
  if (packet.body.size() < kSenderInfoSize + blocks_size) {
    return std::nullopt;
  }
  FieldReader reader(packet.body);
  SenderReportView view;
  view.report.sender = Ssrc(reader.ReadU32());
  view.report.ntp = reader.ReadU64();
  view.report.rtp_timestamp = reader.ReadU32();
  view.report.packet_count = reader.ReadU32();
  view.report.octet_count = reader.ReadU32();
  view.blocks = ReportBlocksView(reader.rest().first(blocks_size));
  return view;
}

void WriteSenderReport(ByteWriter& out, const SenderReport& report,
                       absl::Span<const ReportBlock> blocks) {
  SFU_CHECK(blocks.size() <= kMaxReportBlocks);
  WriteCommonHeader(out, PacketType::kSenderReport, static_cast<uint8_t>(blocks.size()),
                    SenderReportSize(blocks.size()) - kCommonHeaderSize);
  out.WriteU32(report.sender.value());
  out.WriteU64(report.ntp);
  out.WriteU32(report.rtp_timestamp);
  out.WriteU32(report.packet_count);
  out.WriteU32(report.octet_count);
  for (const ReportBlock& block : blocks) {
    WriteReportBlock(out, block);
  }
}

}  // namespace sfu::rtcp
