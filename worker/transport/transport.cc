#include "worker/transport/transport.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "worker/srtp/profile.h"

namespace sfu::transport {
namespace {

dtls::Session::Options DtlsOptions(dtls::Role role, const Transport::Options& options) {
  dtls::Session::Options dtls;
  dtls.role = role;
  dtls.handshake_limit = options.dtls_handshake_limit;
  return dtls;
}

sctp::AssociationOptions AssociationOptionsFor(size_t remote_max_message_bytes) {
  sctp::AssociationOptions options;
  options.max_send_bytes = std::min(options.max_send_bytes, remote_max_message_bytes);
  options.max_receive_bytes = DataPath::kMaxReceivedMessageBytes;
  return options;
}

}  // namespace

Transport::Transport(TransportId id, std::shared_ptr<const dtls::Context> dtls_context,
                     const TransportEnvironment& environment, const Options& options)
    : id_(id),
      counters_(environment.counters),
      egress_(environment.counters),
      ice_(ice::GenerateCredentials(environment.random, environment.thread_index), options.ice),
      dtls_context_(std::move(dtls_context)),
      environment_(environment),
      options_(options),
      table_entries_(environment.table, id),
      ingress_(options.ingress) {
  table_entries_.AddUfrag(local_ice().ufrag);
}

Transport::~Transport() = default;

void Transport::Configure(Timestamp now, RemoteParameters remote) {
  remote_ = std::move(remote);
  if (dtls_) {
    dtls_->SetRemoteFingerprints(remote_->fingerprints);
  }
  MaybeStartDtlsClient(now);
  MaybeStartData(now);
  TakeOutputs(now, parked_);
}

void Transport::RestartIce(Timestamp now) {
  ice_.Restart(ice::GenerateCredentials(environment_.random, environment_.thread_index));
  table_entries_.AddUfrag(local_ice().ufrag);
  TakeOutputs(now, parked_);
}

bool Transport::Enqueue(rtp::OutgoingPacket&& packet) {
  if (!can_send_media()) {
    counters_.unsent_not_connected.Add();
    return false;
  }
  if (!media_.Push(std::move(packet))) {
    counters_.unsent_queue_full.Add();
    return false;
  }
  return true;
}

bool Transport::SendRtcp(absl::Span<const uint8_t> compound) {
  SFU_CHECK(compound.size() <= kMaxRtcpBytes);
  if (!can_send_media()) {
    counters_.unsent_not_connected.Add();
    return false;
  }
  if (!control_.AddRtcp(compound)) {
    counters_.unsent_control_overflow.Add();
    return false;
  }
  return true;
}

DataSendResult Transport::SendData(Timestamp now, DataChannelKind kind,
                                   absl::Span<const uint8_t> bytes) {
  const DataSendResult result = data_ ? data_->Send(now, kind, bytes) : DataSendResult::kNotOpen;
  if (result == DataSendResult::kSent) {
    counters_.data_messages_sent.Add();
  } else {
    counters_.unsent_data_refused.Add();
  }
  TakeOutputs(now, parked_);
  return result;
}

void Transport::ForgetInboundSsrc(uint32_t ssrc) {
  if (srtp_) {
    srtp_->ForgetInbound(ssrc);
  }
}

void Transport::ForgetOutboundSsrc(uint32_t ssrc) {
  if (srtp_) {
    srtp_->ForgetOutbound(ssrc);
  }
}

void Transport::Close(Timestamp now) {
  if (data_) {
    data_->Abort(now);
    TakeDataOutputs(parked_);
  }
  if (dtls_) {
    dtls_->Close();
  }
  TakeOutputs(now, parked_);
}

void Transport::HandleTimeout(Timestamp now, TransportOutputs& out) {
  DeliverParked(out);
  if (ice_.NextTimeout() <= now) {
    ice_.HandleTimeout(now);
  }
  if (dtls_ && dtls_->NextTimeout() <= now) {
    dtls_->HandleTimeout(now);
  }
  if (data_ && data_->NextTimeout() <= now) {
    data_->HandleTimeout(now);
  }
  TakeOutputs(now, out);
}

Timestamp Transport::NextTimeout() const {
  if (!parked_.empty()) {
    return Timestamp::FromMicros(0);
  }
  Timestamp next = ice_.NextTimeout();
  if (dtls_) {
    next = std::min(next, dtls_->NextTimeout());
  }
  if (data_) {
    next = std::min(next, data_->NextTimeout());
  }
  return next;
}

size_t Transport::srtp_overhead_bytes() const {
  return srtp_ ? srtp_->overhead_bytes() : srtp::kMaxRtpOverheadBytes;
}

void Transport::TakeOutputs(Timestamp now, TransportOutputs& out) {
  bool quiet = false;
  while (!quiet) {
    quiet = true;
    while (const std::optional<ice::Output> output = ice_.PollOutput()) {
      HandleIceOutput(now, *output);
      quiet = false;
    }
    TakeDataOutputs(out);
    while (dtls_) {
      const std::optional<dtls::Output> output = dtls_->PollOutput();
      if (!output) {
        break;
      }
      HandleDtlsOutput(now, *output, out);
      quiet = false;
    }
  }
  UpdateState(out);
}

void Transport::HandleIceOutput(Timestamp now, const ice::Output& output) {
  if (const auto* send = std::get_if<ice::SendStun>(&output)) {
    QueueControl(send->path, send->message);
  } else if (const auto* added = std::get_if<ice::PathAdded>(&output)) {
    table_entries_.AddPath(added->path);
  } else if (const auto* removed = std::get_if<ice::PathRemoved>(&output)) {
    table_entries_.RemovePath(removed->path);
  } else if (std::holds_alternative<ice::PathSelected>(output)) {
    HandlePathSelected(now);
  } else if (std::holds_alternative<ice::ConsentLost>(output)) {
    consent_lost_ = true;
    media_.Clear();
  } else if (const auto* retired = std::get_if<ice::UfragRetired>(&output)) {
    table_entries_.RemoveUfrag(retired->ufrag);
  }
  // Disconnected and Recovered: UpdateState() asks the session.
}

// Also given when the path that is used already gets nominated.
void Transport::HandlePathSelected(Timestamp now) {
  consent_lost_ = false;
  const std::optional<ice::Path> path = ice_.selected_path();
  if (last_path_ && path != last_path_) {
    path_changed_ = true;
  }
  if (path) {
    last_path_ = path;
  }
  MaybeStartDtlsClient(now);
}

void Transport::HandleDtlsOutput(Timestamp now, const dtls::Output& output, TransportOutputs& out) {
  if (const auto* send = std::get_if<dtls::SendDatagram>(&output)) {
    if (const std::optional<ice::Path> path = ice_.selected_path()) {
      QueueControl(*path, send->bytes);
    }
  } else if (const auto* connected = std::get_if<dtls::Connected>(&output)) {
    InstallKeys(connected->keys);
    MaybeStartData(now);
  } else if (const auto* data = std::get_if<dtls::ApplicationData>(&output)) {
    if (data_) {
      data_->HandlePacket(now, data->bytes);
      TakeDataOutputs(out);
    } else {
      counters_.dropped_data_early.Add();
    }
  } else if (std::holds_alternative<dtls::Failed>(output)) {
    dtls_failed_ = true;
    srtp_.reset();
    media_.Clear();
  }
  // Closed: no more data, but media goes on until signalling says otherwise [DTLS-12].
}

void Transport::TakeDataOutputs(TransportOutputs& out) {
  if (!data_) {
    return;
  }
  data_->TakeOutputs(sctp_packets_, out);
  for (const sctp::SendPacket& packet : sctp_packets_) {
    // A refusal (the peer has closed DTLS) is SCTP's to notice.
    dtls_->SendApplicationData(packet.packet);
  }
  sctp_packets_.clear();
}

void Transport::StartDtls(dtls::Role role) {
  dtls_ = std::make_unique<dtls::Session>(*dtls_context_, DtlsOptions(role, options_));
  if (remote_) {
    dtls_->SetRemoteFingerprints(remote_->fingerprints);
  }
}

// As a client we speak first, which takes a path to speak by.
void Transport::MaybeStartDtlsClient(Timestamp now) {
  if (!dtls_ && remote_ && remote_->is_dtls_server && ice_.selected_path()) {
    StartDtls(dtls::Role::kClient);
    dtls_->Start(now);
  }
}

// The data section may be negotiated before or after the handshake.
void Transport::MaybeStartData(Timestamp now) {
  if (data_ || !srtp_ || !dtls_->connected() || !remote_ || remote_->max_message_bytes == 0) {
    return;
  }
  data_.emplace(environment_.associations.Create(AssociationOptionsFor(remote_->max_message_bytes)),
                options_.opens_data_channels, counters_);
  data_->Connect(now);
}

void Transport::InstallKeys(const dtls::SrtpKeys& keys) {
  const std::optional<srtp::Profile> profile =
      srtp::ProfileFromNumber(static_cast<uint16_t>(keys.profile));
  SFU_CHECK(profile.has_value());
  srtp_ = srtp::Session::Create(*profile, {keys.local_key, keys.local_salt},
                                {keys.remote_key, keys.remote_salt});
}

TransportState Transport::CurrentState() const {
  if (dtls_failed_ || consent_lost_) {
    return TransportState::kFailed;
  }
  if (!srtp_ || !ice_.selected_path()) {
    return TransportState::kConnecting;
  }
  return ice_.state() == ice::Session::State::kDisconnected ? TransportState::kDisconnected
                                                            : TransportState::kConnected;
}

void Transport::UpdateState(TransportOutputs& out) {
  const TransportState current = CurrentState();
  if (current != state_) {
    state_ = current;
    switch (current) {
      case TransportState::kConnecting:
        break;  // A failed transport that was revived before it ever was connected.
      case TransportState::kConnected:
        counters_.connected.Add();
        out.push_back(StateChanged{current});
        break;
      case TransportState::kDisconnected:
        counters_.disconnected.Add();
        out.push_back(StateChanged{current});
        break;
      case TransportState::kFailed:
        (dtls_failed_ ? counters_.failed_dtls : counters_.failed_consent).Add();
        out.push_back(StateChanged{current});
        break;
    }
  }
  if (std::exchange(path_changed_, false) && state_ == TransportState::kConnected) {
    out.push_back(PathChanged());
  }
}

void Transport::DeliverParked(TransportOutputs& out) {
  if (parked_.empty()) {
    return;
  }
  std::move(parked_.begin(), parked_.end(), std::back_inserter(out));
  parked_.clear();
}

}  // namespace sfu::transport
