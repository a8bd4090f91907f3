#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "common/base/check.h"

namespace sfu {

// Writes big-endian fields to the front of borrowed memory. The caller has sized that memory:
// writing past its end is our own bug and stops the process.
class ByteWriter {
 public:
  explicit ByteWriter(absl::Span<uint8_t> memory) : memory_(memory) {}

  size_t size() const { return offset_; }
  size_t remaining() const { return memory_.size() - offset_; }
  absl::Span<const uint8_t> written() const { return memory_.first(offset_); }

  void WriteU8(uint8_t value) { Write(value, 1); }
  void WriteU16(uint16_t value) { Write(value, 2); }
  void WriteU24(uint32_t value) { Write(value, 3); }
  void WriteU32(uint32_t value) { Write(value, 4); }
  void WriteU64(uint64_t value) { Write(value, 8); }

  void WriteBytes(absl::Span<const uint8_t> bytes) {
    SFU_CHECK(bytes.size() <= remaining());
    std::copy(bytes.begin(), bytes.end(), memory_.begin() + static_cast<ptrdiff_t>(offset_));
    offset_ += bytes.size();
  }

  void WriteZeros(size_t count) {
    SFU_CHECK(count <= remaining());
    std::fill_n(memory_.begin() + static_cast<ptrdiff_t>(offset_), count, uint8_t{0});
    offset_ += count;
  }

  // Overwrites a field written earlier, typically a length known only at the end.
  void PatchU16(size_t offset, uint16_t value) {
    SFU_CHECK(offset + 2 <= offset_);
    memory_[offset] = static_cast<uint8_t>(value >> 8);
    memory_[offset + 1] = static_cast<uint8_t>(value);
  }

 private:
  void Write(uint64_t value, size_t count) {
    SFU_CHECK(count <= remaining());
    for (size_t i = 0; i < count; ++i) {
      memory_[offset_ + i] = static_cast<uint8_t>(value >> (8 * (count - 1 - i)));
    }
    offset_ += count;
  }

  absl::Span<uint8_t> memory_;
  size_t offset_ = 0;
};

}  // namespace sfu
