#include "worker/forward/header_template.h"

#include <cstring>

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

// What travels on from publisher to subscriber, in the order of [TX-55].
constexpr ExtensionType kPassed[] = {
    ExtensionType::kDependencyDescriptor, ExtensionType::kPlayoutDelay,
    ExtensionType::kAbsoluteCaptureTime,  ExtensionType::kVideoOrientation,
    ExtensionType::kVideoContentType,     ExtensionType::kColorSpace,
    ExtensionType::kAudioLevel,
};

absl::Span<const uint8_t> PassedValue(size_t index, absl::Span<const uint8_t> dependency_descriptor,
                                      const rtp::MediaPacket& source) {
  const rtp::PassedExtensions& extensions = source.extensions;
  const rtp::ExtensionSlice slices[] = {
      {},
      extensions.playout_delay,
      extensions.absolute_capture_time,
      extensions.video_orientation,
      extensions.video_content_type,
      extensions.color_space,
      extensions.audio_level,
  };
  if (index == 0) {
    return dependency_descriptor;
  }
  return slices[index].present() ? source.extension(slices[index]) : absl::Span<const uint8_t>();
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

HeaderTemplate::HeaderTemplate(const Options& options) : options_(options) {
  static_assert(std::size(kPassed) == kPassedTypes);
  for (size_t i = 0; i < kPassedTypes; ++i) {
    passed_ids_[i] = IdOf(kPassed[i]);
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
  const auto offset = static_cast<uint8_t>(kElementsOffset + constant_size_ + 1);
  constant_size_ = static_cast<uint8_t>(constant_size_ + 1 + size);
  return offset;
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
  rtp::WriteRtpHeader(FixedHeader(fields, options_.ssrc), absl::MakeSpan(out.header));
  const size_t constant_size = fields.with_mid ? constant_with_mid_size_ : constant_size_;
  std::memcpy(header + kElementsOffset, constant_.data(), constant_size);
  size_t size = kElementsOffset + constant_size;
  for (size_t i = 0; source != nullptr && i < kPassedTypes; ++i) {
    if (passed_ids_[i] == 0) {
      continue;
    }
    const absl::Span<const uint8_t> value = PassedValue(i, fields.dependency_descriptor, *source);
    if (value.empty()) {
      continue;
    }
    if (value.size() > kMaxOneByteValue) {
      if (options_.allow_two_byte) {
        return false;
      }
      continue;
    }
    header[size] = static_cast<uint8_t>(passed_ids_[i] << 4 | (value.size() - 1));
    std::memcpy(header + size + 1, value.data(), value.size());
    size += 1 + value.size();
  }
  if (size == kElementsOffset) {
    out.header_size = rtp::kFixedHeaderSize;
    out.transport_sequence_offset = 0;
    out.absolute_send_time_offset = 0;
    return true;
  }
  while (size % 4 != 0) {
    header[size++] = 0;
  }
  header[0] |= 0x10;
  header[12] = 0xbe;
  header[13] = 0xde;
  header[14] = 0;
  header[15] = static_cast<uint8_t>((size - kElementsOffset) / 4);
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
  for (size_t i = 0; source != nullptr && i < kPassedTypes; ++i) {
    const absl::Span<const uint8_t> value = PassedValue(i, fields.dependency_descriptor, *source);
    if (passed_ids_[i] != 0 && !value.empty() && has_room(value.size())) {
      writer.Add(kPassed[i], value);
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
