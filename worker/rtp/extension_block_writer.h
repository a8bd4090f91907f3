#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "worker/rtp/extension_map.h"

namespace sfu::rtp {

// Builds one extension block: the four-byte header (profile, length in words) and the elements,
// padded with zeros to whole words (RFC 8285, [TX-55]). Written in the order of the Add() calls.
//
// The one-byte form is chosen unless an id above 14 or a value above 16 bytes needs the two-byte
// form, and that only if the peer allowed mixing them (a=extmap-allow-mixed).
class ExtensionBlockWriter {
 public:
  static constexpr size_t kMaxElements = 12;
  static constexpr size_t kHeaderSize = 4;

  // `map` must outlive the writer.
  ExtensionBlockWriter(const ExtensionMap& map, bool allow_two_byte)
      : map_(map), allow_two_byte_(allow_two_byte) {}

  // False, and nothing changes, if the type was not negotiated, is already there, its value is
  // empty or too long, would need a form that is not allowed, or the writer is full. `value` is
  // borrowed until Write().
  bool Add(ExtensionType type, absl::Span<const uint8_t> value);

  // As Add(), with a value of `size` zero bytes to be stamped when the packet leaves.
  bool Reserve(ExtensionType type, size_t size);

  // What Write() will produce: 0 without elements, else a multiple of four.
  size_t size() const;

  // Where the value of `type` will start, counted from the first byte of the block's header.
  std::optional<size_t> OffsetOf(ExtensionType type) const;

  // `out` must hold size() bytes. Returns size().
  size_t Write(absl::Span<uint8_t> out) const;

 private:
  struct Element {
    ExtensionType type;
    uint8_t id;
    uint8_t size;
    const uint8_t* value;  // nullptr: zeros.
  };

  bool Append(ExtensionType type, const uint8_t* value, size_t size);
  size_t element_header_size() const { return two_byte_ ? 2 : 1; }
  absl::Span<const Element> elements() const {
    return absl::MakeConstSpan(elements_.data(), element_count_);
  }

  const ExtensionMap& map_;
  const bool allow_two_byte_;
  bool two_byte_ = false;
  size_t element_count_ = 0;
  size_t values_size_ = 0;
  std::array<Element, kMaxElements> elements_;
};

}  // namespace sfu::rtp
