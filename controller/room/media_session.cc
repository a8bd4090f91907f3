#include "controller/room/media_session.h"

#include <algorithm>
#include <utility>

#include "controller/room/client_traits.h"

namespace sfu::room {
namespace {

// A connection is silent for 10 s when the worker says so; after 5 s more it has failed (signaling
// contract, section 5.7).
constexpr absl::Duration kFailureDelay = absl::Seconds(5);

negotiation::NegotiationOptions NegotiationOptionsFor(const MediaSessionOptions& session,
                                                      TransportHandle transport) {
  negotiation::NegotiationOptions options;
  options.transport = transport.value();
  options.publish_codecs = session.publish_codecs;
  options.subscribe_codecs = session.subscribe_codecs;
  options.answer_only_preferred_codec = NeedsSingleCodecAnswer(session.client);
  options.reuse_sections = ReusesSections(session.client) && !session.sync_streams;
  options.playout_delay = session.playout_delay;
  return options;
}

}  // namespace

MediaSession::MediaSession(const MediaSessionOptions& options, ParticipantHandle owner,
                           HandleAllocator& handles, WorkerPort& worker, SignalSink& signal,
                           Random& random)
    : options_(options),
      owner_(owner),
      handles_(handles),
      worker_(worker),
      signal_(signal),
      random_(random),
      subscriber_primary_(!options.single_peer_connection && options.can_subscribe &&
                          options.client.protocol() > 2),
      answering_([&] {
        const TransportHandle handle = handles.NextTransport();
        return AnsweringTransport(handle, owner, options.single_peer_connection,
                                  NegotiationOptionsFor(options, handle), worker, signal, random);
      }()) {}

void MediaSession::Open() {
  answering_.Open(/*carries_data_down=*/!subscriber_primary_);
  if (!options_.single_peer_connection && options_.can_subscribe) {
    OpenOffering();
  }
}

OfferingTransport& MediaSession::OpenOffering() {
  if (!offering_) {
    const TransportHandle handle = handles_.NextTransport();
    offering_.emplace(handle, owner_, NegotiationOptionsFor(options_, handle), worker_, signal_,
                      random_);
    offering_->Open(subscriber_primary_);
  }
  return *offering_;
}

void MediaSession::HandleResumed(Timestamp now) {
  answering_.HandleResumed(now);
  if (offering_) {
    offering_->HandleResumed();
  }
}

bool MediaSession::HandleAnswer(Timestamp now, const livekit::SessionDescription& answer) {
  return !offering_ || offering_->HandleAnswer(now, answer);
}

bool MediaSession::AddSender(Timestamp now, const negotiation::SentTrack& sent) {
  return options_.single_peer_connection ? answering_.AddSender(now, sent)
                                         : OpenOffering().AddSender(now, sent);
}

void MediaSession::RemoveSender(Timestamp now, uint64_t sender) {
  if (options_.single_peer_connection) {
    answering_.RemoveSender(now, sender);
  } else if (offering_) {
    offering_->RemoveSender(now, sender);
  }
}

std::vector<uint64_t> MediaSession::TakeRefusedSenders() {
  std::vector<uint64_t> refused = answering_.TakeRefusedSenders();
  if (offering_) {
    const std::vector<uint64_t> more = offering_->TakeRefusedSenders();
    refused.insert(refused.end(), more.begin(), more.end());
  }
  return refused;
}

bool MediaSession::HandleResult(Timestamp now, const worker::v1::CommandResult& result) {
  if (result.refusal() != worker::v1::REFUSAL_UNSPECIFIED) {
    return false;
  }
  if (!answering_.HandleResult(now, result) && offering_ && offering_->HandleResult(now, result)) {
    return offering_->HandleTimeout(now);
  }
  return true;
}

bool MediaSession::HandleTransportState(Timestamp now, const worker::v1::TransportState& state) {
  const TransportHandle transport(state.transport());
  const bool ours =
      transport == answering_.handle() || (offering_ && transport == offering_->handle());
  if (!ours) {
    return false;
  }
  switch (state.state()) {
    case worker::v1::TransportState::STATE_CONNECTED:
      failing_.erase(transport);
      break;
    case worker::v1::TransportState::STATE_DISCONNECTED:
      failing_.emplace(transport, now + kFailureDelay);
      return false;
    case worker::v1::TransportState::STATE_FAILED:
      failing_.insert_or_assign(transport, now);
      return false;
    default:
      return false;
  }
  const bool primary = (transport == answering_.handle()) != subscriber_primary_;
  return primary && !std::exchange(connected_, true);
}

Timestamp MediaSession::FailsAt() const {
  Timestamp first = Timestamp::Never();
  for (const auto& [transport, fails_at] : failing_) {
    first = std::min(first, fails_at);
  }
  return first;
}

bool MediaSession::HandleTimeout(Timestamp now) {
  answering_.HandleTimeout(now);
  return !offering_ || offering_->HandleTimeout(now);
}

Timestamp MediaSession::NextTimeout() const {
  const Timestamp answering = answering_.NextTimeout();
  return offering_ ? std::min(answering, offering_->NextTimeout()) : answering;
}

}  // namespace sfu::room
