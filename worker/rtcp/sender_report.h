#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/report_block.h"

namespace sfu::rtcp {

// A sender report (RFC 3550 §6.4.1). SSRC of the sender, then:
//
//   |              NTP timestamp, UQ32.32 (64 bits)                 |
//   |                         RTP timestamp                         |
//   |                     sender's packet count                     |
//   |                      sender's octet count                     |
//   |                    report blocks, count of them               |
struct SenderReport {
  Ssrc sender{0};
  uint64_t ntp = 0;
  uint32_t rtp_timestamp = 0;  // The same instant as `ntp`.
  uint32_t packet_count = 0;
  uint32_t octet_count = 0;  // Of payload, without headers and padding.
};

struct SenderReportView {
  SenderReport report;
  ReportBlocksView blocks;

  // Precondition: packet.type is kSenderReport. nullopt if truncated; profile-specific extensions
  // behind the blocks are ignored.
  static std::optional<SenderReportView> Parse(const SubPacket& packet);
};

// At most kMaxReportBlocks blocks.
constexpr size_t SenderReportSize(size_t block_count) {
  return kCommonHeaderSize + 24 + block_count * ReportBlock::kSize;
}
void WriteSenderReport(ByteWriter& out, const SenderReport& report,
                       absl::Span<const ReportBlock> blocks);

}  // namespace sfu::rtcp
