#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// Extended reports, as far as round trip times of receivers need them (RFC 3611 §4.4-4.5, [TX-42]).
// SSRC of the sender, then blocks of
//
//   |  block type   |   reserved    |   length in words, minus one  |
//
// RRTR (4): an NTP timestamp. DLRR (5): items of SSRC, last RR, delay since last RR. Others are
// skipped.
struct ReceiverDelay {
  Ssrc receiver{0};             // Who sent the RRTR.
  uint32_t last_reference = 0;  // Compact NTP out of it.
  uint32_t delay_since = 0;     // Compact NTP.

  friend bool operator==(const ReceiverDelay&, const ReceiverDelay&) = default;
};

class ExtendedReportView {
 public:
  // Precondition: packet.type is kExtendedReport. nullopt if a block does not fit.
  static std::optional<ExtendedReportView> Parse(const SubPacket& packet);

  Ssrc sender() const { return sender_; }
  std::optional<uint64_t> receiver_reference_ntp() const { return receiver_reference_ntp_; }
  size_t delay_count() const { return delays_.size() / kDelaySize; }  // Of the first DLRR block.
  ReceiverDelay delay(size_t index) const;

  static constexpr size_t kDelaySize = 12;

 private:
  explicit ExtendedReportView(Ssrc sender) : sender_(sender) {}

  Ssrc sender_;
  std::optional<uint64_t> receiver_reference_ntp_;
  absl::Span<const uint8_t> delays_;
};

inline constexpr size_t kReceiverReferenceSize = kCommonHeaderSize + 4 + 4 + 8;
void WriteReceiverReference(ByteWriter& out, Ssrc sender, uint64_t ntp);

constexpr size_t ReceiverDelaysSize(size_t delay_count) {
  return kCommonHeaderSize + 4 + 4 + ExtendedReportView::kDelaySize * delay_count;
}
void WriteReceiverDelays(ByteWriter& out, Ssrc sender, absl::Span<const ReceiverDelay> delays);

}  // namespace sfu::rtcp
