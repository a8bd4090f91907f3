#include "worker/rtp/dependency_descriptor_writer.h"

#include <algorithm>

#include "common/base/byte_writer.h"
#include "worker/rtp/bit_reader.h"
#include "worker/rtp/bit_writer.h"

namespace sfu::rtp {
namespace {

constexpr size_t kMandatorySize = 3;
constexpr size_t kFlagBits = 5;
constexpr uint32_t kStructureFlag = 0x10;
constexpr uint32_t kActiveTargetsFlag = 0x08;

// The frame number alone: it lies on byte borders behind the first byte.
size_t CopyWithFrameNumber(absl::Span<const uint8_t> original, uint16_t frame_number,
                           absl::Span<uint8_t> out) {
  if (out.size() < original.size()) {
    return 0;
  }
  std::copy(original.begin(), original.end(), out.begin());
  ByteWriter(out.subspan(1)).WriteU16(frame_number);
  return original.size();
}

}  // namespace

size_t RewriteDependencyDescriptor(absl::Span<const uint8_t> original,
                                   const DependencyDescriptorRewrite& rewrite,
                                   absl::Span<uint8_t> out) {
  if (original.size() < kMandatorySize) {
    return 0;
  }
  BitReader extended(original.subspan(kMandatorySize));
  const uint32_t flags = extended.remaining() > 0 ? extended.ReadBits(kFlagBits) : 0;
  if (!rewrite.active_decode_targets || (flags & kStructureFlag) != 0) {
    return CopyWithFrameNumber(original, rewrite.frame_number, out);
  }

  const size_t mask_bits = rewrite.decode_target_count;
  if ((flags & kActiveTargetsFlag) != 0) {
    extended.ReadBits(mask_bits);
    if (extended.failed()) {
      return 0;
    }
  }
  const size_t bits = kFlagBits + mask_bits + extended.remaining();
  if (out.size() < kMandatorySize + (bits + 7) / 8) {
    return 0;
  }
  ByteWriter mandatory(out);
  mandatory.WriteU8(original[0]);
  mandatory.WriteU16(rewrite.frame_number);
  BitWriter writer(out.subspan(kMandatorySize));
  writer.WriteBits(flags | kActiveTargetsFlag, kFlagBits);
  writer.WriteBits(*rewrite.active_decode_targets, mask_bits);
  while (extended.remaining() > 0) {
    const size_t count = std::min<size_t>(extended.remaining(), 32);
    writer.WriteBits(extended.ReadBits(count), count);
  }
  return kMandatorySize + writer.size_bytes();
}

}  // namespace sfu::rtp
