#include "controller/room/offering_transport.h"

#include <algorithm>

#include <absl/time/time.h>

namespace sfu::room {
namespace {

constexpr absl::Duration kAnswerLimit = absl::Seconds(15);
// A change waits this long for company, so that one join means one offer ...
constexpr absl::Duration kOfferDelay = absl::Milliseconds(10);
// ... and offers are this far apart, so that many joins do not mean many.
constexpr absl::Duration kOfferInterval = absl::Milliseconds(150);

}  // namespace

OfferingTransport::OfferingTransport(TransportHandle handle, ParticipantHandle owner,
                                     const negotiation::NegotiationOptions& options,
                                     WorkerPort& worker, SignalSink& signal, Random& random)
    : handle_(handle),
      owner_(owner),
      worker_(worker),
      signal_(signal),
      negotiation_(options, random) {}

void OfferingTransport::Open(bool primary) {
  worker::v1::RoomCommand command;
  worker::v1::OpenTransport& open = *command.mutable_open_transport();
  open.set_transport(handle_.value());
  open.set_participant(owner_.value());
  open.set_opens_data_channels(primary);
  open.set_carries_data_down(primary);
  opening_request_ = Send(std::move(command));
}

bool OfferingTransport::AddSender(Timestamp now, const negotiation::SentTrack& sent) {
  const bool added = negotiation_.AddSender(sent);
  Schedule(now);
  return added;
}

void OfferingTransport::RemoveSender(Timestamp now, uint64_t sender) {
  negotiation_.RemoveSender(sender);
  if (answered_once_) {
    // The client learns with the next offer; the media stops now.
    worker::v1::RoomCommand command;
    *command.mutable_configure_senders() = negotiation_.Senders();
    Send(std::move(command));
  }
  Schedule(now);
}

void OfferingTransport::HandleResumed() {
  negotiation_.RestartIce();
  offer_due_ = Timestamp::Never();
  answer_due_ = Timestamp::Never();
  if (opening_request_ != 0) {
    return;  // Credentials that the client has not seen are on their way, and the offer with them.
  }
  worker::v1::RoomCommand command;
  command.mutable_restart_ice()->set_transport(handle_.value());
  opening_request_ = Send(std::move(command));
}

bool OfferingTransport::HandleAnswer(Timestamp now, const livekit::SessionDescription& answer) {
  auto accepted = negotiation_.HandleAnswer(answer);
  if (!accepted.ok()) {
    return accepted.status().code() == absl::StatusCode::kFailedPrecondition;
  }
  answer_due_ = Timestamp::Never();
  answered_once_ = true;
  worker::v1::RoomCommand transport;
  *transport.mutable_configure_transport() = std::move(accepted->transport);
  Send(std::move(transport));
  worker::v1::RoomCommand senders;
  *senders.mutable_configure_senders() = std::move(accepted->senders);
  Send(std::move(senders));
  refused_senders_.insert(refused_senders_.end(), accepted->refused_senders.begin(),
                          accepted->refused_senders.end());
  Schedule(now);
  return true;
}

bool OfferingTransport::HandleResult(Timestamp now, const worker::v1::CommandResult& result) {
  if (result.request_id() != opening_request_) {
    return false;
  }
  opening_request_ = 0;
  local_ = result.transport_opened();
  offer_due_ = now;
  return true;
}

void OfferingTransport::Schedule(Timestamp now) {
  const bool opening = !local_ || opening_request_ != 0;
  if (opening || !negotiation_.NeedsOffer() || offer_due_ != Timestamp::Never()) {
    return;
  }
  offer_due_ = now + kOfferDelay;
  if (last_offer_) {
    offer_due_ = std::max(offer_due_, *last_offer_ + kOfferInterval);
  }
}

bool OfferingTransport::HandleTimeout(Timestamp now) {
  if (!signal_.connected()) {
    return true;  // Nobody to offer to, and nobody to answer.
  }
  if (now >= answer_due_) {
    answer_due_ = Timestamp::Never();
    return false;
  }
  if (now < offer_due_) {
    return true;
  }
  offer_due_ = Timestamp::Never();
  if (!negotiation_.NeedsOffer()) {
    return true;  // One is in flight: Schedule() runs again when it is answered.
  }
  livekit::SignalResponse response;
  *response.mutable_offer() = negotiation_.CreateOffer(*local_);
  signal_.Send(std::move(response));
  last_offer_ = now;
  answer_due_ = now + kAnswerLimit;
  return true;
}

Timestamp OfferingTransport::NextTimeout() const {
  return signal_.connected() ? std::min(offer_due_, answer_due_) : Timestamp::Never();
}

}  // namespace sfu::room
