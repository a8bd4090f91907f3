#include "worker/rtcp/report_block.h"

#include <algorithm>

#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

int32_t SignExtend24(uint32_t value) { return static_cast<int32_t>(value << 8) >> 8; }

}  // namespace

void WriteReportBlock(ByteWriter& out, const ReportBlock& block) {
  const int32_t lost = std::clamp(block.cumulative_lost, ReportBlock::kMinCumulativeLost,
                                  ReportBlock::kMaxCumulativeLost);
  out.WriteU32(block.source.value());
  out.WriteU8(block.fraction_lost);
  out.WriteU24(static_cast<uint32_t>(lost));
  out.WriteU32(block.highest_sequence);
  out.WriteU32(block.jitter);
  out.WriteU32(block.last_sender_report);
  out.WriteU32(block.delay_since_sender_report);
}

ReportBlock ReportBlocksView::operator[](size_t index) const {
  FieldReader reader(bytes_.subspan(index * ReportBlock::kSize, ReportBlock::kSize));
  ReportBlock block;
  block.source = Ssrc(reader.ReadU32());
  block.fraction_lost = reader.ReadU8();
  block.cumulative_lost = SignExtend24(reader.ReadU24());
  block.highest_sequence = reader.ReadU32();
  block.jitter = reader.ReadU32();
  block.last_sender_report = reader.ReadU32();
  block.delay_since_sender_report = reader.ReadU32();
  return block;
}

}  // namespace sfu::rtcp
