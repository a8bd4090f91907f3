#include "worker/forward/header_template.h"

#include <cstring>
#include <iterator>
#include <utility>

#include "worker/rtp/extension_block_writer.h"
#include "worker/rtp/extension_values.h"
#include "worker/rtp/rtp_packet_writer.h"

namespace sfu::forward {
namespace {

using rtp::ExtensionType;

constexpr size_t kBlockHeaderSize = 4;
constexpr size_t kElementsOffset = rtp::kFixedHeaderSize + kBlockHeaderSize;
constexpr size_t kMaxOneByteValue = 16;
constexpr uint8_t kMaxOneByteId = 14;
constexpr uint8_t kVersion = 0x80;
constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kExtensionBit = 0x10;
constexpr uint8_t kMarkerBit = 0x80;

void Store16(uint8_t* out, uint16_t value) {
  out[0] = static_cast<uint8_t>(value >> 8);
  out[1] = static_cast<uint8_t>(value);
}

void Store32(uint8_t* out, uint32_t value) {
  Store16(out, static_cast<uint16_t>(value >> 16));
  Store16(out + 2, static_cast<uint16_t>(value));
}

rtp::RtpHeader FixedHeader(const HeaderTemplate::Fields& fields, rtp::Ssrc ssrc) {
  rtp::RtpHeader header;
  header.padding = fields.padding;
  header.marker = fields.marker;
  header.payload_type = fields.payload_type;
  header.sequence_number = rtp::SequenceNumber(fields.sequence);
  header.timestamp = fields.timestamp;
  header.ssrc = ssrc;
  return header;
}

}  // namespace

HeaderTemplate::HeaderTemplate(const Options& options)
    : constant_size_(kElementsOffset), options_(options) {
  constant_[0] = kVersion;
  Store32(&constant_[8], options_.ssrc.value());
  Store16(&constant_[12], 0xbede);
  // The order of [TX-55].
  constexpr std::pair<ExtensionType, rtp::ExtensionSlice rtp::PassedExtensions::*> kPassed[] = {
      {ExtensionType::kDependencyDescriptor, nullptr},
      {ExtensionType::kPlayoutDelay, &rtp::PassedExtensions::playout_delay},
      {ExtensionType::kAbsoluteCaptureTime, &rtp::PassedExtensions::absolute_capture_time},
      {ExtensionType::kVideoOrientation, &rtp::PassedExtensions::video_orientation},
      {ExtensionType::kVideoContentType, &rtp::PassedExtensions::video_content_type},
      {ExtensionType::kColorSpace, &rtp::PassedExtensions::color_space},
      {ExtensionType::kAudioLevel, &rtp::PassedExtensions::audio_level},
  };
  static_assert(std::size(kPassed) == kMaxPassed);
  for (const auto& [type, slice] : kPassed) {
    if (const uint8_t id = IdOf(type); id != 0) {
      passed_[passed_count_++] = {type, id, slice};
    }
  }
  if (options_.stamped) {
    transport_sequence_offset_ =
        LayOut(ExtensionType::kTransportSequenceNumber, rtp::kTransportSequenceNumberSize);
    absolute_send_time_offset_ =
        LayOut(ExtensionType::kAbsoluteSendTime, rtp::kAbsoluteSendTimeSize);
  }
  constant_with_mid_size_ = constant_size_;
  if (const uint8_t id = IdOf(ExtensionType::kMid); id != 0 && !options_.mid.empty()) {
    if (options_.mid.size() > kMaxOneByteValue) {
      one_byte_ = false;
      return;
    }
    constant_[constant_size_] = static_cast<uint8_t>(id << 4 | (options_.mid.size() - 1));
    std::memcpy(&constant_[constant_size_ + 1u], options_.mid.data(), options_.mid.size());
    constant_with_mid_size_ = static_cast<uint8_t>(constant_size_ + 1 + options_.mid.size());
  }
}

uint8_t HeaderTemplate::IdOf(ExtensionType type) {
  const uint8_t id = options_.extensions->IdOf(type).value_or(0);
  one_byte_ = one_byte_ && id <= kMaxOneByteId;
  return id;
}

uint8_t HeaderTemplate::LayOut(ExtensionType type, size_t size) {
  const uint8_t id = IdOf(type);
  if (id == 0) {
    return 0;
  }
  constant_[constant_size_] = static_cast<uint8_t>(id << 4 | (size - 1));
  const auto offset = static_cast<uint8_t>(constant_size_ + 1);
  constant_size_ = static_cast<uint8_t>(offset + size);
  return offset;
}

absl::Span<const uint8_t> HeaderTemplate::ValueOf(const Passed& passed, const Fields& fields,
                                                  const rtp::MediaPacket& source) const {
  if (passed.slice == nullptr) {
    return fields.dependency_descriptor;
  }
  const rtp::ExtensionSlice slice = source.extensions.*passed.slice;
  return slice.present() ? source.extension(slice) : absl::Span<const uint8_t>();
}

void HeaderTemplate::Write(const Fields& fields, const rtp::MediaPacket& source,
                           rtp::OutgoingPacket& out) const {
  if (!one_byte_ || !WriteOneByte(fields, &source, out)) {
    WriteTwoByte(fields, &source, out);
  }
}

void HeaderTemplate::WriteEmpty(const Fields& fields, rtp::OutgoingPacket& out) const {
  if (!one_byte_ || !WriteOneByte(fields, nullptr, out)) {
    WriteTwoByte(fields, nullptr, out);
  }
}

bool HeaderTemplate::WriteOneByte(const Fields& fields, const rtp::MediaPacket* source,
                                  rtp::OutgoingPacket& out) const {
  uint8_t* const header = out.header.data();
  std::memcpy(header, constant_.data(), constant_.size());
  size_t size = fields.with_mid ? constant_with_mid_size_ : constant_size_;
  for (size_t i = 0; source != nullptr && i < passed_count_; ++i) {
    const absl::Span<const uint8_t> value = ValueOf(passed_[i], fields, *source);
    if (value.empty()) {
      continue;
    }
    if (value.size() > kMaxOneByteValue) {
      if (options_.allow_two_byte) {
        return false;
      }
      continue;
    }
    if (size + 1 + value.size() > rtp::OutgoingPacket::kMaxHeaderSize) {
      continue;
    }
    header[size] = static_cast<uint8_t>(passed_[i].id << 4 | (value.size() - 1));
    std::memcpy(header + size + 1, value.data(), value.size());
    size += 1 + value.size();
  }
  const bool has_elements = size > kElementsOffset;
  header[0] = static_cast<uint8_t>(kVersion | (fields.padding ? kPaddingBit : 0) |
                                   (has_elements ? kExtensionBit : 0));
  header[1] = static_cast<uint8_t>((fields.marker ? kMarkerBit : 0) | fields.payload_type.value());
  Store16(header + 2, fields.sequence);
  Store32(header + 4, fields.timestamp);
  if (!has_elements) {
    size = rtp::kFixedHeaderSize;
  }
  while (size % 4 != 0) {
    header[size++] = 0;
  }
  if (has_elements) {
    Store16(header + 14, static_cast<uint16_t>((size - kElementsOffset) / 4));
  }
  out.header_size = static_cast<uint8_t>(size);
  out.transport_sequence_offset = transport_sequence_offset_;
  out.absolute_send_time_offset = absolute_send_time_offset_;
  return true;
}

void HeaderTemplate::WriteTwoByte(const Fields& fields, const rtp::MediaPacket* source,
                                  rtp::OutgoingPacket& out) const {
  rtp::ExtensionBlockWriter writer(*options_.extensions, options_.allow_two_byte);
  // What the block may take at most, element headers and padding counted.
  size_t room = rtp::OutgoingPacket::kMaxHeaderSize - kElementsOffset - 3;
  const auto has_room = [&room](size_t size) {
    if (2 + size > room) {
      return false;
    }
    room -= 2 + size;
    return true;
  };
  if (options_.stamped && has_room(rtp::kTransportSequenceNumberSize)) {
    writer.Reserve(ExtensionType::kTransportSequenceNumber, rtp::kTransportSequenceNumberSize);
  }
  if (options_.stamped && has_room(rtp::kAbsoluteSendTimeSize)) {
    writer.Reserve(ExtensionType::kAbsoluteSendTime, rtp::kAbsoluteSendTimeSize);
  }
  if (fields.with_mid && has_room(options_.mid.size())) {
    writer.Add(ExtensionType::kMid,
               absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(options_.mid.data()),
                                   options_.mid.size()));
  }
  for (size_t i = 0; source != nullptr && i < passed_count_; ++i) {
    const absl::Span<const uint8_t> value = ValueOf(passed_[i], fields, *source);
    if (!value.empty() && has_room(value.size())) {
      writer.Add(passed_[i].type, value);
    }
  }
  out.header_size = static_cast<uint8_t>(
      rtp::WriteRtpHeader(FixedHeader(fields, options_.ssrc), writer, absl::MakeSpan(out.header)));
  const auto offset_of = [&writer](ExtensionType type) {
    const std::optional<size_t> offset = writer.OffsetOf(type);
    return static_cast<uint8_t>(offset ? rtp::kFixedHeaderSize + *offset : 0);
  };
  out.transport_sequence_offset = offset_of(ExtensionType::kTransportSequenceNumber);
  out.absolute_send_time_offset = offset_of(ExtensionType::kAbsoluteSendTime);
}

}  // namespace sfu::forward
