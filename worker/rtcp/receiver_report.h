#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/report_block.h"

namespace sfu::rtcp {

// A receiver report (RFC 3550 §6.4.2): SSRC of the sender of this packet, then report blocks, as
// many as the count says.
struct ReceiverReportView {
  Ssrc sender{0};
  ReportBlocksView blocks;

  // Precondition: packet.type is kReceiverReport. nullopt if truncated.
  static std::optional<ReceiverReportView> Parse(const SubPacket& packet);
};

// At most kMaxReportBlocks blocks; without any it is the empty report that starts a compound.
constexpr size_t ReceiverReportSize(size_t block_count) {
  return kCommonHeaderSize + 4 + block_count * ReportBlock::kSize;
}
void WriteReceiverReport(ByteWriter& out, Ssrc sender, absl::Span<const ReportBlock> blocks);

}  // namespace sfu::rtcp
