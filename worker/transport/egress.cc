#include "worker/transport/egress.h"

#include <algorithm>

#include "worker/rtp/extension_values.h"

namespace sfu::transport {
namespace {

DatagramContent ContentOf(rtp::OutgoingPacket::Priority priority) {
  switch (priority) {
    case rtp::OutgoingPacket::Priority::kAudio:
      return DatagramContent::kAudio;
    case rtp::OutgoingPacket::Priority::kRetransmission:
    case rtp::OutgoingPacket::Priority::kVideo:
      return DatagramContent::kVideo;
    case rtp::OutgoingPacket::Priority::kPadding:
      break;
  }
  return DatagramContent::kPadding;
}

}  // namespace

void Egress::SendRtp(Timestamp now, const ice::Path& path, rtp::OutgoingPacket& packet,
                     srtp::Session& srtp, DatagramBatch& batch) {
  if (packet.size() + srtp.overhead_bytes() > DatagramBatch::kMaxDatagramBytes) {
    counters_.unsent_too_large.Add();
    return;
  }
  Stamp(now, packet);
  const Expected<size_t, srtp::DropReason> size = Protect(packet, srtp, batch.Tail());
  if (!size) {
    counters_.unsent_refused.Add();
    return;
  }
  batch.Commit(path, *size, ContentOf(packet.priority));
  const bool again = packet.priority == rtp::OutgoingPacket::Priority::kRetransmission;
  (again ? counters_.rtp_resent : counters_.rtp_sent).Add();
  (again ? counters_.rtp_resent_bytes : counters_.rtp_sent_bytes).Add(*size);
  if (packet.transport_sequence_offset != 0) {
    sent_.push_back({next_transport_sequence_, now, static_cast<uint32_t>(*size), packet.priority});
    ++next_transport_sequence_;
  }
}

void Egress::SendRtcp(const ice::Path& path, absl::Span<const uint8_t> compound,
                      srtp::Session& srtp, DatagramBatch& batch) {
  const absl::Span<uint8_t> memory = batch.Tail();
  std::copy(compound.begin(), compound.end(), memory.begin());
  const Expected<size_t, srtp::DropReason> size = srtp.ProtectRtcp(memory, compound.size());
  if (!size) {
    counters_.unsent_refused.Add();
    return;
  }
  batch.Commit(path, *size);
  counters_.rtcp_sent.Add();
}

void Egress::Stamp(Timestamp now, rtp::OutgoingPacket& packet) {
  const absl::Span<uint8_t> header = absl::MakeSpan(packet.header);
  if (packet.transport_sequence_offset != 0) {
    rtp::WriteTransportSequenceNumber(static_cast<uint16_t>(next_transport_sequence_),
                                      header.subspan(packet.transport_sequence_offset));
  }
  if (packet.absolute_send_time_offset != 0) {
    rtp::WriteAbsoluteSendTime(now, header.subspan(packet.absolute_send_time_offset));
  }
}

Expected<size_t, srtp::DropReason> Egress::Protect(const rtp::OutgoingPacket& packet,
                                                   srtp::Session& srtp,
                                                   absl::Span<uint8_t> output) {
  if (packet.padding_size != 0) {
    packet.CopyTo(output);
    return srtp.ProtectRtp(output, packet.size());
  }
  absl::Span<const uint8_t> payload;
  if (packet.payload_size != 0) {
    payload = packet.source.bytes().subspan(packet.payload_offset, packet.payload_size);
  }
  return srtp.ProtectRtpGather(absl::MakeConstSpan(packet.header).first(packet.header_size),
                               absl::MakeConstSpan(packet.prefix).first(packet.prefix_size),
                               payload, output);
}

}  // namespace sfu::transport
