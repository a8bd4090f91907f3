#include "worker/receive/report_builder.h"

#include <algorithm>

#include "worker/rtcp/receiver_report.h"

namespace sfu::receive {

void ReportBuilder::Start(Timestamp now) {
  if (next_ == Timestamp::Never()) {
    next_ = now + NextInterval();
  }
}

size_t ReportBuilder::WriteReports(Timestamp now, rtp::Ssrc sender,
                                   absl::Span<StreamReceiver* const> streams, ByteWriter& out) {
  if (now < next_) {
    return 0;
  }
  next_ = now + NextInterval();
  size_t written = 0;
  std::vector<rtcp::ReportBlock> blocks;  // Once a second.
  size_t visited = 0;
  while (visited < streams.size()) {
    blocks.clear();
    const size_t room =
        out.remaining() < rtcp::ReceiverReportSize(1)
            ? 0
            : (out.remaining() - rtcp::ReceiverReportSize(0)) / rtcp::ReportBlock::kSize;
    const size_t limit = std::min(room, rtcp::kMaxReportBlocks);
    if (limit == 0) {
      break;
    }
    for (; visited < streams.size() && blocks.size() < limit; ++visited) {
      StreamReceiver& stream = *streams[(first_ + visited) % streams.size()];
      if (stream.statistics().started()) {
        blocks.push_back(stream.TakeReportBlock(now));
      }
    }
    if (!blocks.empty()) {
      rtcp::WriteReceiverReport(out, sender, blocks);
      written += blocks.size();
    }
  }
  first_ = streams.empty() ? 0 : (first_ + visited) % streams.size();
  return written;
}

absl::Duration ReportBuilder::NextInterval() {
  // Any spread will do; a linear congruential step gives one without a source of randomness.
  state_ = state_ * 1664525u + 1013904223u;
  const double spread = static_cast<double>(state_ >> 16) / 65536.0;
  return kInterval * (0.9 + 0.2 * spread);
}

}  // namespace sfu::receive
