#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "common/base/check.h"

namespace sfu {

// Reads big-endian fields from the front of borrowed bytes whose size the caller has checked:
// reading past the end is our own bug and stops the process. Where that is for the bytes to say,
// ByteReader.
class FieldReader {
 public:
  explicit FieldReader(absl::Span<const uint8_t> bytes) : rest_(bytes) {}

  absl::Span<const uint8_t> rest() const { return rest_; }

  uint8_t ReadU8() { return static_cast<uint8_t>(Read(1)); }
  uint16_t ReadU16() { return static_cast<uint16_t>(Read(2)); }
  uint32_t ReadU24() { return static_cast<uint32_t>(Read(3)); }
  uint32_t ReadU32() { return static_cast<uint32_t>(Read(4)); }
  uint64_t ReadU64() { return Read(8); }
  void Skip(size_t count) {
    SFU_CHECK(count <= rest_.size());
    rest_.remove_prefix(count);
  }

 private:
  uint64_t Read(size_t count) {
    SFU_CHECK(count <= rest_.size());
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      value = value << 8 | rest_[i];
    }
    rest_.remove_prefix(count);
    return value;
  }

  absl::Span<const uint8_t> rest_;
};

}  // namespace sfu
