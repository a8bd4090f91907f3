#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// A full intra request (RFC 5104 §4.3.1): sender SSRC, an unused SSRC, then items of
//
//   |                     SSRC of the media sender                  |
//   | sequence      |                 reserved                      |
//
// A repeated sequence number is the same request again.
inline constexpr uint8_t kFullIntraRequestFormat = 4;
inline constexpr size_t kFullIntraRequestSize = kCommonHeaderSize + 8 + 8;  // With one item.

class FullIntraRequestView {
 public:
  struct Item {
    Ssrc media;
    uint8_t sequence;
  };

  // nullopt unless the packet is one of whole items.
  static std::optional<FullIntraRequestView> Parse(const SubPacket& packet);

  Ssrc sender() const { return sender_; }
  size_t size() const { return items_.size() / kItemSize; }
  Item operator[](size_t index) const;

 private:
  static constexpr size_t kItemSize = 8;

  FullIntraRequestView(Ssrc sender, absl::Span<const uint8_t> items)
      : sender_(sender), items_(items) {}

  Ssrc sender_;
  absl::Span<const uint8_t> items_;
};

void WriteFullIntraRequest(ByteWriter& out, Ssrc sender, FullIntraRequestView::Item item);

}  // namespace sfu::rtcp
