#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// The generic NACK (RFC 4585 §6.2.1, [RX-31]). Sender SSRC, media SSRC, then items of
//
//   |      packet id (PID)          |    bitmask of the next 16     |
//
// where bit i (lowest is 0) of the mask stands for PID + i + 1.
inline constexpr uint8_t kNackFormat = 1;

class NackView {
 public:
  // nullopt unless the packet is a generic NACK of whole items.
  static std::optional<NackView> Parse(const SubPacket& packet);

  Ssrc sender() const { return sender_; }
  Ssrc media() const { return media_; }

  // Calls `visit(SequenceNumber)` for each number asked for, in the order of the message. A peer
  // may repeat itself; at most 17 per item.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i + kItemSize <= items_.size(); i += kItemSize) {
      const auto first = static_cast<uint16_t>(items_[i] << 8 | items_[i + 1]);
      const auto mask = static_cast<uint32_t>(items_[i + 2] << 8 | items_[i + 3]);
      visit(SequenceNumber(first));
      for (unsigned bit = 0; bit < 16; ++bit) {
        if ((mask >> bit & 1) != 0) {
          visit(SequenceNumber(static_cast<uint16_t>(first + bit + 1)));
        }
      }
    }
  }

  static constexpr size_t kItemSize = 4;

 private:
  NackView(Ssrc sender, Ssrc media, absl::Span<const uint8_t> items)
      : sender_(sender), media_(media), items_(items) {}

  Ssrc sender_;
  Ssrc media_;
  absl::Span<const uint8_t> items_;
};

inline constexpr size_t kMaxNackItems = 60;
inline constexpr size_t kMaxNackSize = kCommonHeaderSize + 8 + kMaxNackItems * NackView::kItemSize;

// Writes one NACK for as many of `missing` as fit into kMaxNackItems items and the writer. They
// must be in ascending order (modulo wrap) without repetition. Returns how many were taken; call
// again for the rest. 0, and nothing written, if there is no room for one item or nothing is
// missing.
size_t WriteNack(ByteWriter& out, Ssrc sender, Ssrc media,
                 absl::Span<const SequenceNumber> missing);

}  // namespace sfu::rtcp
