#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtp {

// What changes in a forwarded dependency descriptor [TX-22].
struct DependencyDescriptorRewrite {
  uint16_t frame_number = 0;
  // Which decode targets this receiver will get, a bit each. Not written on a packet that carries a
  // structure.
  std::optional<uint32_t> active_decode_targets;
  // Of the structure in force: how wide the mask is. 1..32.
  uint8_t decode_target_count = 0;
};

// The mask can add this much to the original: five flag bits, 32 mask bits, and the padding of the
// last byte.
inline constexpr size_t kMaxDependencyDescriptorGrowth = 5;

// Writes `original`, changed as asked, to the front of `out`. Returns the size, or 0 if `original`
// is shorter than a descriptor can be or `out` is too small.
size_t RewriteDependencyDescriptor(absl::Span<const uint8_t> original,
                                   const DependencyDescriptorRewrite& rewrite,
                                   absl::Span<uint8_t> out);

}  // namespace sfu::rtp
