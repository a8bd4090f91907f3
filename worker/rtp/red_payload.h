#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "worker/rtp/rtp_types.h"

namespace sfu::rtp {

// A redundant audio payload (RFC 2198 §3, [RED-1]): older blocks first, the primary last. Borrows
// the bytes it was parsed from.
//
//    0                   1                    2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |1|  block PT   |   timestamp offset        |   block length    |  each redundant block
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |0|  block PT   |  the primary; its data is what remains
//   +-+-+-+-+-+-+-+-+
struct RedBlock {
  PayloadType payload_type{0};
  uint16_t timestamp_offset = 0;   // How much older than the packet's timestamp; 0 for the primary.
  absl::Span<const uint8_t> data;  // May be empty: a redundant block of a silent period.
};

class RedPayload {
 public:
  static constexpr size_t kMaxBlocks = 9;  // Eight redundant ones; senders use one or two.
  static constexpr size_t kMaxTimestampOffset = (1 << 14) - 1;
  static constexpr size_t kMaxBlockSize = (1 << 10) - 1;  // Of a redundant block.
  static constexpr size_t kRedundantHeaderSize = 4;
  static constexpr size_t kPrimaryHeaderSize = 1;

  // nullopt if truncated, with more than kMaxBlocks blocks, or with an empty primary.
  static std::optional<RedPayload> Parse(absl::Span<const uint8_t> payload);

  absl::Span<const RedBlock> redundant() const {  // Oldest first, as sent.
    return absl::MakeConstSpan(blocks_.data(), block_count_ - 1);
  }
  const RedBlock& primary() const { return blocks_[block_count_ - 1]; }

 private:
  RedPayload() = default;

  std::array<RedBlock, kMaxBlocks> blocks_ = {};
  size_t block_count_ = 0;
};

// Writes `blocks`, the last of which is the primary, with their headers and data to the front of
// `out`. Returns the size, or 0 if it does not fit there or a block exceeds RED's limits.
size_t WriteRedPayload(absl::Span<const RedBlock> blocks, absl::Span<uint8_t> out);

}  // namespace sfu::rtp
