#include "worker/rtp/extension_block_writer.h"

#include <algorithm>

#include "common/base/byte_writer.h"

namespace sfu::rtp {
namespace {

constexpr uint16_t kOneByteProfile = 0xbede;
constexpr uint16_t kTwoByteProfile = 0x1000;
constexpr uint8_t kMaxOneByteId = 14;
constexpr size_t kMaxOneByteValue = 16;
constexpr size_t kMaxTwoByteValue = 255;
constexpr size_t kWordSize = 4;

}  // namespace

bool ExtensionBlockWriter::Add(ExtensionType type, absl::Span<const uint8_t> value) {
  return Append(type, value.data(), value.size());
}

bool ExtensionBlockWriter::Reserve(ExtensionType type, size_t size) {
  return Append(type, nullptr, size);
}

bool ExtensionBlockWriter::Append(ExtensionType type, const uint8_t* value, size_t size) {
  const std::optional<uint8_t> id = map_.IdOf(type);
  if (!id || size == 0 || size > kMaxTwoByteValue || element_count_ == kMaxElements ||
      OffsetOf(type)) {
    return false;
  }
  const bool needs_two_byte = *id > kMaxOneByteId || size > kMaxOneByteValue;
  if (needs_two_byte && !allow_two_byte_) {
    return false;
  }
  two_byte_ = two_byte_ || needs_two_byte;
  elements_[element_count_++] = {type, *id, static_cast<uint8_t>(size), value};
  values_size_ += size;
  return true;
}

size_t ExtensionBlockWriter::size() const {
  if (element_count_ == 0) {
    return 0;
  }
  const size_t used = kHeaderSize + element_count_ * element_header_size() + values_size_;
  return (used + kWordSize - 1) / kWordSize * kWordSize;
}

std::optional<size_t> ExtensionBlockWriter::OffsetOf(ExtensionType type) const {
  size_t offset = kHeaderSize;
  for (const Element& element : elements()) {
    offset += element_header_size();
    if (element.type == type) {
      return offset;
    }
    offset += element.size;
  }
  return std::nullopt;
}

size_t ExtensionBlockWriter::Write(absl::Span<uint8_t> out) const {
  if (element_count_ == 0) {
    return 0;
  }
  const size_t total = size();
  ByteWriter writer(out);
  writer.WriteU16(two_byte_ ? kTwoByteProfile : kOneByteProfile);
  writer.WriteU16(static_cast<uint16_t>((total - kHeaderSize) / kWordSize));
  for (const Element& element : elements()) {
    if (two_byte_) {
      writer.WriteU8(element.id);
      writer.WriteU8(element.size);
    } else {
      writer.WriteU8(static_cast<uint8_t>(element.id << 4 | (element.size - 1)));
    }
    if (element.value == nullptr) {
      writer.WriteZeros(element.size);
    } else {
      writer.WriteBytes(absl::MakeConstSpan(element.value, element.size));
    }
  }
  writer.WriteZeros(total - writer.size());
  return total;
}

}  // namespace sfu::rtp
