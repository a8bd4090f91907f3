// Transport's packet path: datagrams in, datagrams out.

#include <algorithm>
#include <optional>
#include <utility>

#include "worker/rtcp/compound_view.h"
#include "worker/transport/demux.h"
#include "worker/transport/transport.h"

namespace sfu::transport {

void Transport::HandleDatagram(Timestamp now, const ice::Path& path, rtp::PacketRef packet,
                               TransportOutputs& out) {
  DeliverParked(out);
  const DatagramKind kind = Classify(packet.bytes());
  if (kind == DatagramKind::kStun) {
    HandleStun(now, path, packet, out);
    return;
  }
  if (!ice_.IsKnown(path)) {
    counters_.dropped_unknown_path.Add();
    return;
  }
  switch (kind) {
    case DatagramKind::kDtls:
      HandleDtls(now, path, packet, out);
      break;
    case DatagramKind::kRtp:
      HandleRtp(now, path, std::move(packet), out);
      break;
    case DatagramKind::kRtcp:
      HandleRtcp(now, path, std::move(packet), out);
      break;
    case DatagramKind::kStun:
    case DatagramKind::kUnknown:
      counters_.dropped_unknown_kind.Add();
      break;
  }
}

void Transport::HandleStun(Timestamp now, const ice::Path& path, const rtp::PacketRef& packet,
                           TransportOutputs& out) {
  ice_.HandleStun(now, path, packet.bytes());
  TakeOutputs(now, out);
}

void Transport::HandleDtls(Timestamp now, const ice::Path& path, const rtp::PacketRef& packet,
                           TransportOutputs& out) {
  if (!dtls_) {
    // The peer spoke first, so we are the server, whether or not its description has come yet.
    StartDtls(dtls::Role::kServer);
  }
  dtls_->HandleDatagram(now, packet.bytes());
  while (const std::optional<dtls::Output> output = dtls_->PollOutput()) {
    if (std::holds_alternative<dtls::ApplicationData>(*output)) {
      ice_.HandleAuthenticatedTraffic(now, path);
    }
    HandleDtlsOutput(now, *output, out);
  }
  TakeOutputs(now, out);
}

void Transport::HandleRtp(Timestamp now, const ice::Path& path, rtp::PacketRef packet,
                          TransportOutputs& out) {
  if (!srtp_) {
    counters_.dropped_before_keys.Add();
    return;
  }
  if (!ingress_.AllowRtp(now, packet.size())) {
    counters_.dropped_ingress_limit.Add();
    return;
  }
  const Expected<size_t, srtp::DropReason> size =
      srtp_->UnprotectRtp(packet.mutable_bytes(), packet.size());
  if (!size) {
    CountDrop(size.error());
    return;
  }
  packet.set_size(*size);
  counters_.rtp_received.Add();
  counters_.rtp_received_bytes.Add(*size);
  NoteAuthenticated(now, path, out);
  out.push_back(RtpReceived{std::move(packet), now});
}

void Transport::HandleRtcp(Timestamp now, const ice::Path& path, rtp::PacketRef packet,
                           TransportOutputs& out) {
  if (!srtp_) {
    counters_.dropped_before_keys.Add();
    return;
  }
  if (packet.size() > rtcp::CompoundView::kMaxSize || !ingress_.AllowRtcp(now)) {
    counters_.dropped_ingress_limit.Add();
    return;
  }
  const Expected<size_t, srtp::DropReason> size =
      srtp_->UnprotectRtcp(packet.mutable_bytes(), packet.size());
  if (!size) {
    CountDrop(size.error());
    return;
  }
  packet.set_size(*size);
  counters_.rtcp_received.Add();
  NoteAuthenticated(now, path, out);
  out.push_back(RtcpReceived{std::move(packet), now});
}

void Transport::NoteAuthenticated(Timestamp now, const ice::Path& path, TransportOutputs& out) {
  ice_.HandleAuthenticatedTraffic(now, path);
  const std::optional<ice::Output> output = ice_.PollOutput();
  if (!output) {
    return;  // Almost always.
  }
  HandleIceOutput(now, *output);
  TakeOutputs(now, out);
}

void Transport::CountDrop(srtp::DropReason reason) {
  switch (reason) {
    case srtp::DropReason::kMalformed:
      counters_.dropped_malformed.Add();
      return;
    case srtp::DropReason::kAuthentication:
      counters_.dropped_authentication.Add();
      return;
    case srtp::DropReason::kReplay:
      counters_.dropped_replay.Add();
      return;
    case srtp::DropReason::kTooManyStreams:
      counters_.dropped_too_many_streams.Add();
      return;
  }
}

void Transport::QueueControl(const ice::Path& path, absl::Span<const uint8_t> datagram) {
  if (datagram.size() > DatagramBatch::kMaxDatagramBytes || !control_.Add(path, datagram)) {
    counters_.unsent_control_overflow.Add();
  }
}

void Transport::Flush(Timestamp now, DatagramBatch& batch) {
  egress_.BeginFlush();
  FlushControl(batch);
  FlushMedia(now, batch);
}

void Transport::FlushControl(DatagramBatch& batch) {
  while (!control_.empty() && !batch.full()) {
    const ControlQueue::Entry& entry = control_.front();
    const std::optional<ice::Path> path = ice_.selected_path();
    if (entry.kind == ControlQueue::Kind::kReady) {
      batch.Append(entry.path, control_.front_bytes());
    } else if (srtp_ && path) {
      egress_.SendRtcp(*path, control_.front_bytes(), *srtp_, batch);
    } else {
      counters_.unsent_not_connected.Add();
    }
    control_.Pop();
  }
}

void Transport::FlushMedia(Timestamp now, DatagramBatch& batch) {
  const std::optional<ice::Path> path = ice_.selected_path();
  if (!srtp_ || !path) {
    counters_.unsent_not_connected.Add(media_.size());
    media_.Clear();
    return;
  }
  const bool peer_is_silent = now - *ice_.last_authenticated() >= options_.silent_peer;
  while (!media_.empty() && !batch.full()) {
    rtp::OutgoingPacket& packet = media_.front();
    if (peer_is_silent && packet.priority != rtp::OutgoingPacket::Priority::kAudio) {
      counters_.unsent_silent_peer.Add();
    } else {
      egress_.SendRtp(now, *path, packet, *srtp_, batch);
    }
    media_.Pop();
  }
}

}  // namespace sfu::transport
