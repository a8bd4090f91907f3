#include "worker/rtp/red_payload.h"

#include "common/base/byte_reader.h"
#include "common/base/byte_writer.h"

namespace sfu::rtp {
namespace {

constexpr unsigned kFollows = 0x80;
constexpr uint8_t kPayloadTypeMask = 0x7f;

}  // namespace

std::optional<RedPayload> RedPayload::Parse(absl::Span<const uint8_t> payload) {
  ByteReader reader(payload);
  RedPayload red;
  std::array<size_t, kMaxBlocks> sizes = {};
  while (true) {
    const std::optional<uint8_t> first = reader.ReadU8();
    if (!first || red.block_count_ == kMaxBlocks) {
      return std::nullopt;
    }
    RedBlock& block = red.blocks_[red.block_count_];
    block.payload_type = PayloadType(*first & kPayloadTypeMask);
    if ((*first & kFollows) == 0) {
      ++red.block_count_;
      break;
    }
    const std::optional<uint32_t> rest = reader.ReadU24();
    if (!rest) {
      return std::nullopt;
    }
    block.timestamp_offset = static_cast<uint16_t>(*rest >> 10);
    sizes[red.block_count_++] = *rest & kMaxBlockSize;
  }
  for (size_t i = 0; i + 1 < red.block_count_; ++i) {
    const std::optional<absl::Span<const uint8_t>> data = reader.ReadBytes(sizes[i]);
    if (!data) {
      return std::nullopt;
    }
    red.blocks_[i].data = *data;
  }
  if (reader.remaining() == 0) {
    return std::nullopt;
  }
  red.blocks_[red.block_count_ - 1].data = reader.rest();
  return red;
}

size_t WriteRedPayload(absl::Span<const RedBlock> blocks, absl::Span<uint8_t> out) {
  if (blocks.empty() || blocks.size() > RedPayload::kMaxBlocks) {
    return 0;
  }
  const absl::Span<const RedBlock> redundant = blocks.first(blocks.size() - 1);
  const RedBlock& primary = blocks.back();
  size_t size = RedPayload::kPrimaryHeaderSize + primary.data.size();
  for (const RedBlock& block : redundant) {
    if (block.data.size() > RedPayload::kMaxBlockSize ||
        block.timestamp_offset > RedPayload::kMaxTimestampOffset) {
      return 0;
    }
    size += RedPayload::kRedundantHeaderSize + block.data.size();
  }
  if (size > out.size()) {
    return 0;
  }
  ByteWriter writer(out);
  for (const RedBlock& block : redundant) {
    writer.WriteU8(static_cast<uint8_t>(kFollows | block.payload_type.value()));
    writer.WriteU24(static_cast<uint32_t>(block.timestamp_offset) << 10 |
                    static_cast<uint32_t>(block.data.size()));
  }
  writer.WriteU8(primary.payload_type.value());
  for (const RedBlock& block : blocks) {
    writer.WriteBytes(block.data);
  }
  return writer.size();
}

}  // namespace sfu::rtp
