#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu {

// Reads big-endian fields from the front of borrowed bytes. A read past the end returns nullopt and
// leaves the position where it was, so a parser may stop at the first nullopt.
class ByteReader {
 public:
  explicit ByteReader(absl::Span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t remaining() const { return bytes_.size() - offset_; }
  size_t offset() const { return offset_; }
  absl::Span<const uint8_t> rest() const { return bytes_.subspan(offset_); }

  std::optional<uint8_t> ReadU8() { return Read<uint8_t>(1); }
  std::optional<uint16_t> ReadU16() { return Read<uint16_t>(2); }
  std::optional<uint32_t> ReadU24() { return Read<uint32_t>(3); }
  std::optional<uint32_t> ReadU32() { return Read<uint32_t>(4); }
  std::optional<uint64_t> ReadU64() { return Read<uint64_t>(8); }

  // The view lives as long as the bytes this reader was made from.
  std::optional<absl::Span<const uint8_t>> ReadBytes(size_t count) {
    if (remaining() < count) {
      return std::nullopt;
    }
    const absl::Span<const uint8_t> bytes = bytes_.subspan(offset_, count);
    offset_ += count;
    return bytes;
  }

  bool Skip(size_t count) { return ReadBytes(count).has_value(); }

 private:
  template <typename T>
  std::optional<T> Read(size_t count) {
    if (remaining() < count) {
      return std::nullopt;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      value = value << 8 | bytes_[offset_ + i];
    }
    offset_ += count;
    return static_cast<T>(value);
  }

  absl::Span<const uint8_t> bytes_;
  size_t offset_ = 0;
};

}  // namespace sfu
