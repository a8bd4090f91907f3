#include "worker/rtp/rtp_packet_writer.h"

#include "common/base/byte_writer.h"

namespace sfu::rtp {
namespace {

constexpr unsigned kVersion2 = 0x80;
constexpr unsigned kPaddingBit = 0x20;
constexpr unsigned kExtensionBit = 0x10;
constexpr unsigned kMarkerBit = 0x80;

void WriteFixedHeader(const RtpHeader& header, bool has_extensions, ByteWriter& writer) {
  writer.WriteU8(static_cast<uint8_t>(kVersion2 | (header.padding ? kPaddingBit : 0) |
                                      (has_extensions ? kExtensionBit : 0)));
  writer.WriteU8(
      static_cast<uint8_t>((header.marker ? kMarkerBit : 0) | header.payload_type.value()));
  writer.WriteU16(header.sequence_number.value());
  writer.WriteU32(header.timestamp);
  writer.WriteU32(header.ssrc.value());
}

}  // namespace

size_t WriteRtpHeader(const RtpHeader& header, const ExtensionBlockWriter& extensions,
                      absl::Span<uint8_t> out) {
  ByteWriter writer(out);
  WriteFixedHeader(header, extensions.size() != 0, writer);
  return kFixedHeaderSize + extensions.Write(out.subspan(kFixedHeaderSize));
}

size_t WriteRtpHeader(const RtpHeader& header, absl::Span<uint8_t> out) {
  ByteWriter writer(out);
  WriteFixedHeader(header, false, writer);
  return writer.size();
}

}  // namespace sfu::rtp
