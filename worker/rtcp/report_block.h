#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/rtcp_types.h"

namespace sfu::rtcp {

// What a receiver says about one source (RFC 3550 §6.4.1).
//
//   |                     SSRC of the source                        |
//   | fraction lost |       cumulative number of packets lost       |
//   |           extended highest sequence number received           |
//   |                      interarrival jitter                      |
//   |                         last SR (LSR)                         |
//   |                   delay since last SR (DLSR)                  |
struct ReportBlock {
  static constexpr size_t kSize = 24;
  static constexpr int32_t kMaxCumulativeLost = 0x7fffff;
  static constexpr int32_t kMinCumulativeLost = -0x800000;

  Ssrc source{0};
  uint8_t fraction_lost = 0;        // Of 256, since the previous report.
  int32_t cumulative_lost = 0;      // 24 bits, clamped when written; negative with duplicates.
  uint32_t highest_sequence = 0;    // Extended by the number of wraps in the upper half.
  uint32_t jitter = 0;              // In ticks of the source's clock rate.
  uint32_t last_sender_report = 0;  // Compact NTP of the SR last received; 0 if none.
  uint32_t delay_since_sender_report = 0;  // Compact NTP.

  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

void WriteReportBlock(ByteWriter& out, const ReportBlock& block);

// The report blocks of a received report, read one at a time. Borrows.
class ReportBlocksView {
 public:
  ReportBlocksView() = default;
  // `bytes` must be a multiple of ReportBlock::kSize.
  explicit ReportBlocksView(absl::Span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t size() const { return bytes_.size() / ReportBlock::kSize; }
  ReportBlock operator[](size_t index) const;

 private:
  absl::Span<const uint8_t> bytes_;
};

inline constexpr size_t kMaxReportBlocks = 31;

}  // namespace sfu::rtcp
