// Internal to worker/rtp.
#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "common/base/check.h"

namespace sfu::rtp {

// Reads bit fields, most significant bit first. A read past the end gives 0 and sets failed(),
// which stays set: a parser of many small fields asks once, at its end. It must still bound its own
// loops.
class BitReader {
 public:
  explicit BitReader(absl::Span<const uint8_t> bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  size_t remaining() const { return bytes_.size() * 8 - position_; }

  bool ReadFlag() { return ReadBits(1) != 0; }

  uint32_t ReadBits(size_t count) {  // At most 32.
    SFU_CHECK(count <= 32);
    if (remaining() < count) {
      failed_ = true;
      position_ = bytes_.size() * 8;
      return 0;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i, ++position_) {
      value = value << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1u);
    }
    return value;
  }

  // A value below `limit` in as few bits as possible: the ns(n) of the AV1 specification, 4.10.7.
  uint32_t ReadNonSymmetric(uint32_t limit) {
    size_t width = 0;
    for (uint32_t rest = limit; rest != 0; rest >>= 1) {
      ++width;
    }
    const uint32_t short_values = (uint32_t{1} << width) - limit;
    const uint32_t value = ReadBits(width - 1);
    if (value < short_values) {
      return value;
    }
    return (value << 1) - short_values + ReadBits(1);
  }

 private:
  absl::Span<const uint8_t> bytes_;
  size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace sfu::rtp
