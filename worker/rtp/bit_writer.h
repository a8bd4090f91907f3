// Internal to worker/rtp.
#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "common/base/check.h"

namespace sfu::rtp {

// Writes bit fields, most significant bit first, into memory that the caller has sized. The rest of
// the last byte is zero.
class BitWriter {
 public:
  explicit BitWriter(absl::Span<uint8_t> memory) : memory_(memory) {}

  size_t size_bytes() const { return (position_ + 7) / 8; }

  void WriteBits(uint32_t value, size_t count) {
    SFU_CHECK(count <= 32 && memory_.size() * 8 - position_ >= count);
    for (size_t i = count; i > 0; --i, ++position_) {
      uint8_t& byte = memory_[position_ / 8];
      if (position_ % 8 == 0) {
        byte = 0;
      }
      byte = static_cast<uint8_t>(byte | (value >> (i - 1) & 1u) << (7 - position_ % 8));
    }
  }

 private:
  absl::Span<uint8_t> memory_;
  size_t position_ = 0;
};

}  // namespace sfu::rtp
