#include "tests/support/virtual_peer.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "worker/srtp/profile.h"
#include "worker/transport/demux.h"

namespace sfu {
namespace {

constexpr uint32_t kHostPriority = 2130706431;
constexpr size_t kScratchBytes = 4096 + srtp::kMaxRtcpOverheadBytes;

sctp::ChannelParameters LossyChannel(std::string label) {
  sctp::ChannelParameters parameters;
  parameters.label = std::move(label);
  parameters.ordered = false;
  parameters.max_retransmits = 0;
  return parameters;
}

sctp::ChannelParameters ReliableChannel(std::string label) {
  sctp::ChannelParameters parameters;
  parameters.label = std::move(label);
  return parameters;
}

}  // namespace

VirtualPeer::VirtualPeer(Random& random, const dtls::Context& context,
                         sctp::AssociationFactory& associations, const Options& options)
    : random_(random),
      context_(context),
      associations_(associations),
      options_(options),
      local_ice_(ice::GenerateCredentials(random, 0)),
      tie_breaker_(random.NextU64()),
      scratch_(kScratchBytes) {}

void VirtualPeer::Connect(Timestamp now, const SocketAddress& local, Remote remote) {
  local_ = local;
  remote_ = std::move(remote);
  SendCheck(now);
}

void VirtualPeer::MoveTo(Timestamp now, const SocketAddress& local) {
  local_ = local;
  ice_connected_ = false;
  SendCheck(now);
}

void VirtualPeer::RestartIce(Timestamp now, ice::Credentials remote) {
  RenewLocalIce();
  CompleteRestart(now, std::move(remote));
}

void VirtualPeer::RenewLocalIce() { local_ice_ = ice::GenerateCredentials(random_, 0); }

void VirtualPeer::CompleteRestart(Timestamp now, ice::Credentials remote) {
  remote_->ice = std::move(remote);
  ice_connected_ = false;
  SendCheck(now);
}

void VirtualPeer::Return(Timestamp now) {
  vanished_ = false;
  ice_connected_ = false;
  SendCheck(now);
}

void VirtualPeer::Close() {
  if (dtls_) {
    dtls_->Close();
    while (const std::optional<dtls::Output> output = dtls_->PollOutput()) {
      if (const auto* send = std::get_if<dtls::SendDatagram>(&*output)) {
        EmitDatagram(send->bytes);
      }
    }
  }
}

void VirtualPeer::HandleDatagram(Timestamp now, const SocketAddress& to,
                                 absl::Span<const uint8_t> datagram) {
  if (vanished_ || to != local_ || !remote_) {
    return;
  }
  switch (transport::Classify(datagram)) {
    case transport::DatagramKind::kStun:
      HandleStun(now, datagram);
      break;
    case transport::DatagramKind::kDtls:
      StartDtls(now);
      dtls_->HandleDatagram(now, datagram);
      TakeDtlsOutputs(now);
      break;
    case transport::DatagramKind::kRtp:
      HandleMedia(/*is_rtcp=*/false, datagram);
      break;
    case transport::DatagramKind::kRtcp:
      HandleMedia(/*is_rtcp=*/true, datagram);
      break;
    case transport::DatagramKind::kUnknown:
      break;
  }
}

void VirtualPeer::HandleTimeout(Timestamp now) {
  if (next_check_ <= now) {
    SendCheck(now);
  }
  if (dtls_ && dtls_->NextTimeout() <= now) {
    dtls_->HandleTimeout(now);
  }
  if (data_ && data_->NextTimeout() <= now) {
    data_->HandleTimeout(now);
  }
  TakeDtlsOutputs(now);
}

Timestamp VirtualPeer::NextTimeout() const {
  Timestamp next = next_check_;
  if (dtls_) {
    next = std::min(next, dtls_->NextTimeout());
  }
  if (data_) {
    next = std::min(next, data_->NextTimeout());
  }
  return next;
}

std::optional<VirtualPeer::Output> VirtualPeer::PollOutput() {
  if (outputs_.empty()) {
    return std::nullopt;
  }
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

bool VirtualPeer::SendRtp(absl::Span<const uint8_t> packet) {
  if (!srtp_) {
    return false;
  }
  std::copy(packet.begin(), packet.end(), scratch_.begin());
  const auto size = srtp_->ProtectRtp(absl::MakeSpan(scratch_), packet.size());
  if (size) {
    EmitDatagram(absl::MakeConstSpan(scratch_).first(*size));
  }
  return size.has_value();
}

bool VirtualPeer::SendRtcp(absl::Span<const uint8_t> compound) {
  if (!srtp_) {
    return false;
  }
  std::copy(compound.begin(), compound.end(), scratch_.begin());
  const auto size = srtp_->ProtectRtcp(absl::MakeSpan(scratch_), compound.size());
  if (size) {
    EmitDatagram(absl::MakeConstSpan(scratch_).first(*size));
  }
  return size.has_value();
}

bool VirtualPeer::SendMessage(Timestamp now, std::string_view label,
                              absl::Span<const uint8_t> bytes) {
  const bool sent = data_ && data_->Send(now, label, bytes);
  TakeDtlsOutputs(now);
  return sent;
}

void VirtualPeer::SendRaw(absl::Span<const uint8_t> datagram) { EmitDatagram(datagram); }

void VirtualPeer::SendSctp(Timestamp now, absl::Span<const uint8_t> packet) {
  if (dtls_) {
    dtls_->SendApplicationData(packet);
    TakeDtlsOutputs(now);
  }
}

std::optional<srtp::Profile> VirtualPeer::srtp_profile() const {
  return srtp_ ? std::optional(srtp_->profile()) : std::nullopt;
}

void VirtualPeer::SendCheck(Timestamp now) {
  if (!remote_) {
    return;
  }
  random_.Fill(absl::MakeSpan(transaction_));
  const std::string username = remote_->ice.ufrag + ":" + local_ice_.ufrag;
  EmitDatagram(ice::BuildBindingRequest({.transaction_id = transaction_,
                                         .username = username,
                                         .priority = kHostPriority,
                                         .ice_controlling = tie_breaker_,
                                         .use_candidate = true},
                                        remote_->ice.password));
  ++counters_.checks_sent;
  next_check_ = now + (ice_connected_ ? options_.consent_interval : options_.check_interval);
}

void VirtualPeer::HandleStun(Timestamp now, absl::Span<const uint8_t> datagram) {
  const std::optional<ice::StunMessageView> message = ice::StunMessageView::Parse(datagram);
  if (!message || message->transaction_id() != transaction_) {
    return;
  }
  if (message->message_class() == ice::StunClass::kError) {
    ++counters_.check_errors;
    return;
  }
  if (message->message_class() != ice::StunClass::kSuccess ||
      message->CheckIntegrity(remote_->ice.password) != ice::IntegrityResult::kCorrect) {
    return;
  }
  ++counters_.checks_answered;
  ice_connected_ = true;
  next_check_ = now + options_.consent_interval;
  if (options_.dtls_role == dtls::Role::kClient) {
    StartDtls(now);
  }
}

void VirtualPeer::HandleMedia(bool is_rtcp, absl::Span<const uint8_t> datagram) {
  if (!srtp_ || datagram.size() > scratch_.size()) {
    ++counters_.rtp_refused;
    return;
  }
  std::copy(datagram.begin(), datagram.end(), scratch_.begin());
  const absl::Span<uint8_t> bytes = absl::MakeSpan(scratch_);
  const auto size = is_rtcp ? srtp_->UnprotectRtcp(bytes, datagram.size())
                            : srtp_->UnprotectRtp(bytes, datagram.size());
  if (!size) {
    ++counters_.rtp_refused;
    return;
  }
  std::vector<uint8_t> plain(scratch_.begin(), scratch_.begin() + static_cast<ptrdiff_t>(*size));
  if (is_rtcp) {
    Emit(Rtcp{std::move(plain)});
  } else {
    ++counters_.rtp_received;
    Emit(Rtp{std::move(plain)});
  }
}

void VirtualPeer::StartDtls(Timestamp now) {
  if (dtls_) {
    return;
  }
  dtls::Session::Options options;
  options.role = options_.dtls_role;
  options.mtu_bytes = options_.mtu_bytes;
  dtls_ = std::make_unique<dtls::Session>(context_, options);
  dtls_->SetRemoteFingerprints(remote_->fingerprints);
  if (options_.dtls_role == dtls::Role::kClient) {
    dtls_->Start(now);
    TakeDtlsOutputs(now);
  }
}

void VirtualPeer::TakeDtlsOutputs(Timestamp now) {
  TakeDataOutputs();
  while (dtls_) {
    const std::optional<dtls::Output> output = dtls_->PollOutput();
    if (!output) {
      return;
    }
    if (const auto* send = std::get_if<dtls::SendDatagram>(&*output)) {
      EmitDatagram(send->bytes);
    } else if (const auto* connected = std::get_if<dtls::Connected>(&*output)) {
      HandleKeys(now, connected->keys);
    } else if (const auto* data = std::get_if<dtls::ApplicationData>(&*output)) {
      if (data_) {
        data_->HandlePacket(now, data->bytes);
      }
    } else if (const auto* failed = std::get_if<dtls::Failed>(&*output)) {
      Emit(Failed{failed->reason});
    }
    TakeDataOutputs();
  }
}

// What SCTP has to send goes into DTLS, whose outputs the caller takes next.
void VirtualPeer::TakeDataOutputs() {
  while (data_) {
    std::optional<VirtualDataChannels::Output> output = data_->PollOutput();
    if (!output) {
      return;
    }
    if (const auto* packet = std::get_if<VirtualDataChannels::Packet>(&*output)) {
      dtls_->SendApplicationData(packet->bytes);
    } else if (auto* opened = std::get_if<VirtualDataChannels::Opened>(&*output)) {
      Emit(ChannelOpened{std::move(opened->label)});
    } else if (auto* message = std::get_if<VirtualDataChannels::Message>(&*output)) {
      Emit(Message{std::move(message->label), std::move(message->bytes)});
    }
  }
}

void VirtualPeer::HandleKeys(Timestamp now, const dtls::SrtpKeys& keys) {
  const std::optional<srtp::Profile> profile =
      srtp::ProfileFromNumber(static_cast<uint16_t>(keys.profile));
  SFU_CHECK(profile.has_value());
  srtp_ = srtp::Session::Create(*profile, {keys.local_key, keys.local_salt},
                                {keys.remote_key, keys.remote_salt});
  Emit(Connected());
  if (!options_.has_data) {
    return;
  }
  data_.emplace(associations_.Create({}), options_.dtls_role == dtls::Role::kClient ? 0 : 1);
  data_->Connect(now);
  if (options_.opens_data_channels) {
    data_->Open(now, ReliableChannel("_reliable"));
    data_->Open(now, LossyChannel("_lossy"));
    data_->Open(now, LossyChannel("_data_track"));
  }
}

void VirtualPeer::Emit(Output output) { outputs_.push_back(std::move(output)); }

void VirtualPeer::EmitDatagram(absl::Span<const uint8_t> bytes) {
  if (!vanished_ && remote_) {
    Emit(Datagram{local_, remote_->address, {bytes.begin(), bytes.end()}});
  }
}

}  // namespace sfu
