#include "worker/rtp/outgoing_packet.h"

#include "common/base/byte_writer.h"

namespace sfu::rtp {

void OutgoingPacket::CopyTo(absl::Span<uint8_t> out) const {
  ByteWriter writer(out);
  writer.WriteBytes(absl::MakeConstSpan(header.data(), header_size));
  writer.WriteBytes(absl::MakeConstSpan(prefix.data(), prefix_size));
  if (payload_size != 0) {
    writer.WriteBytes(source.bytes().subspan(payload_offset, payload_size));
  }
  if (padding_size != 0) {
    writer.WriteZeros(padding_size - 1u);
    writer.WriteU8(padding_size);
  }
}

}  // namespace sfu::rtp
