#include "worker/rtp/rtp_packet_view.h"

namespace sfu::rtp {
namespace {

constexpr size_t kFixedHeaderSize = 12;
constexpr size_t kExtensionHeaderSize = 4;
constexpr size_t kWordSize = 4;

uint16_t Load16(absl::Span<const uint8_t> bytes, size_t offset) {
  return static_cast<uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

uint32_t Load32(absl::Span<const uint8_t> bytes, size_t offset) {
  return static_cast<uint32_t>(Load16(bytes, offset)) << 16 | Load16(bytes, offset + 2);
}

}  // namespace

std::optional<RtpPacketView> RtpPacketView::Parse(absl::Span<const uint8_t> packet) {
  if (packet.size() < kFixedHeaderSize || packet[0] >> 6 != 2) {
    return std::nullopt;
  }
  const bool has_padding = (packet[0] & 0x20) != 0;
  const bool has_extension = (packet[0] & 0x10) != 0;
  const size_t csrc_count = packet[0] & 0x0f;

  RtpPacketView view(packet);
  size_t offset = kFixedHeaderSize + csrc_count * kWordSize;
  if (has_extension) {
    if (packet.size() < offset + kExtensionHeaderSize) {
      return std::nullopt;
    }
    view.extension_profile_ = Load16(packet, offset);
    const size_t extension_words = Load16(packet, offset + 2);
    view.extension_offset_ = offset + kExtensionHeaderSize;
    offset = view.extension_offset_ + extension_words * kWordSize;
  }
  if (packet.size() < offset) {
    return std::nullopt;
  }
  // The last octet counts the padding, itself included, so zero is malformed (RFC 3550 §5.1).
  const size_t padding = has_padding ? packet.back() : 0;
  if (packet.size() - offset < padding || (has_padding && padding == 0)) {
    return std::nullopt;
  }
  view.payload_offset_ = offset;
  view.payload_size_ = packet.size() - offset - padding;
  return view;
}

bool RtpPacketView::marker() const { return (packet_[1] & 0x80) != 0; }

PayloadType RtpPacketView::payload_type() const {
  return PayloadType(static_cast<uint8_t>(packet_[1] & 0x7f));
}

SequenceNumber RtpPacketView::sequence_number() const { return SequenceNumber(Load16(packet_, 2)); }

uint32_t RtpPacketView::timestamp() const { return Load32(packet_, 4); }

Ssrc RtpPacketView::ssrc() const { return Ssrc(Load32(packet_, 8)); }

absl::Span<const uint8_t> RtpPacketView::extension_block() const {
  if (extension_offset_ == 0) {
    return {};
  }
  return packet_.subspan(extension_offset_, payload_offset_ - extension_offset_);
}

absl::Span<const uint8_t> RtpPacketView::payload() const {
  return packet_.subspan(payload_offset_, payload_size_);
}

}  // namespace sfu::rtp
