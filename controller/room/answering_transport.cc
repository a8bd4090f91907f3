#include "controller/room/answering_transport.h"

#include <utility>

#include <absl/time/time.h>

#include "common/base/check.h"

namespace sfu::room {
namespace {

using negotiation::PublisherNegotiation;
using negotiation::UnifiedNegotiation;

// Lets a burst of new tracks end up in one request for sections.
constexpr absl::Duration kRequirementDelay = absl::Milliseconds(10);
// Within that a client that resumes has made its offer, if it is going to.
constexpr absl::Duration kResumedOfferLimit = absl::Seconds(5);

std::variant<PublisherNegotiation, UnifiedNegotiation> MakeNegotiation(
    bool unified, const negotiation::NegotiationOptions& options, Random& random) {
  if (unified) {
    return UnifiedNegotiation(options, random);
  }
  return PublisherNegotiation(options, random);
}

}  // namespace

AnsweringTransport::AnsweringTransport(TransportHandle handle, ParticipantHandle owner,
                                       bool unified, const negotiation::NegotiationOptions& options,
                                       WorkerPort& worker, SignalSink& signal, Random& random)
    : handle_(handle),
      owner_(owner),
      worker_(worker),
      signal_(signal),
      negotiation_(MakeNegotiation(unified, options, random)) {}

void AnsweringTransport::Open(bool carries_data_down) {
  worker::v1::RoomCommand command;
  worker::v1::OpenTransport& open = *command.mutable_open_transport();
  open.set_transport(handle_.value());
  open.set_participant(owner_.value());
  open.set_carries_data_down(carries_data_down);
  opening_request_ = Send(std::move(command));
}

absl::StatusOr<negotiation::OfferSummary> AnsweringTransport::HandleOffer(
    const livekit::SessionDescription& offer) {
  auto summary = std::visit([&](auto& state) { return state.HandleOffer(offer); }, negotiation_);
  if (summary.ok() && summary->ice_restarted && local_) {
    worker::v1::RoomCommand command;
    command.mutable_restart_ice()->set_transport(handle_.value());
    opening_request_ = Send(std::move(command));
  }
  return summary;
}

void AnsweringTransport::Answer(Timestamp now, negotiation::Assignments assignments) {
  assignments_ = std::move(assignments);
  answer_wanted_ = true;
  AnswerIfReady(now);
}

void AnsweringTransport::HandleResumed(Timestamp now) {
  answer_wanted_ = false;
  if (held_) {
    held_->overtaken = true;
  }
  if (UnifiedNegotiation* unified = std::get_if<UnifiedNegotiation>(&negotiation_)) {
    // The offer that comes with a resume brings what was asked for before, or else it is asked for
    // again after that offer's answer.
    unified->HandleResumed();
    requirement_due_ = now + kResumedOfferLimit;
  }
}

void AnsweringTransport::AnswerIfReady(Timestamp now) {
  // While the worker is busy with the last answer, a later offer waits: its commands would
  // otherwise be confirmed by the wrong result.
  if (!answer_wanted_ || !local_ || opening_request_ != 0 || held_) {
    return;
  }
  answer_wanted_ = false;
  worker::v1::RoomCommand transport;
  worker::v1::RoomCommand senders;
  HeldAnswer held;
  std::visit(
      [&](auto& state) {
        auto answer = state.BuildAnswer(assignments_, *local_);
        *transport.mutable_configure_transport() = std::move(answer.transport);
        receivers_ = std::move(answer.receivers);
        held.description = std::move(answer.description);
        if constexpr (requires { answer.senders; }) {
          *senders.mutable_configure_senders() = std::move(answer.senders);
          refused_senders_.insert(refused_senders_.end(), answer.refused_senders.begin(),
                                  answer.refused_senders.end());
          requirement_due_ = now;
        }
      },
      negotiation_);
  Send(std::move(transport));
  worker::v1::RoomCommand receivers;
  *receivers.mutable_configure_receivers() = receivers_;
  held.request_id = Send(std::move(receivers));
  if (senders.has_configure_senders()) {
    held.request_id = Send(std::move(senders));
  }
  held_ = std::move(held);
}

void AnsweringTransport::SetAssignments(negotiation::Assignments assignments) {
  assignments_ = std::move(assignments);
  // Before the first answer there is nothing to correct.
  if (receivers_.transport() != 0) {
    SendReceivers(
        std::visit([&](auto& state) { return state.Receivers(assignments_); }, negotiation_));
  }
}

void AnsweringTransport::SendReceivers(negotiation::ConfigureReceivers receivers) {
  receivers_ = std::move(receivers);
  worker::v1::RoomCommand command;
  *command.mutable_configure_receivers() = receivers_;
  Send(std::move(command));
}

bool AnsweringTransport::AddSender(Timestamp now, const negotiation::SentTrack& sent) {
  const bool added = std::get<UnifiedNegotiation>(negotiation_).AddSender(sent);
  if (added && requirement_due_ == Timestamp::Never()) {
    requirement_due_ = now + kRequirementDelay;
  }
  return added;
}

void AnsweringTransport::RemoveSender(Timestamp now, uint64_t sender) {
  UnifiedNegotiation& unified = std::get<UnifiedNegotiation>(negotiation_);
  unified.RemoveSender(sender);
  if (receivers_.transport() != 0) {
    worker::v1::RoomCommand command;
    *command.mutable_configure_senders() = unified.Senders();
    Send(std::move(command));
  }
  if (requirement_due_ == Timestamp::Never()) {
    requirement_due_ = now + kRequirementDelay;
  }
}

std::vector<uint64_t> AnsweringTransport::TakeRefusedSenders() {
  return std::exchange(refused_senders_, {});
}

bool AnsweringTransport::HandleResult(Timestamp now, const worker::v1::CommandResult& result) {
  if (result.request_id() == opening_request_) {
    opening_request_ = 0;
    local_ = result.transport_opened();
  } else if (held_ && result.request_id() == held_->request_id) {
    // An answer to an offer that has been superseded would be ignored anyway.
    if (!answer_wanted_ && !held_->overtaken) {
      livekit::SignalResponse response;
      *response.mutable_answer() = std::move(held_->description);
      signal_.Send(std::move(response));
      if (requirement_due_ != Timestamp::Never()) {
        requirement_due_ = now;
      }
    }
    held_.reset();
  } else {
    return false;
  }
  AnswerIfReady(now);
  HandleTimeout(now);
  return true;
}

void AnsweringTransport::HandleTimeout(Timestamp now) {
  if (now < requirement_due_ || !MayAskForSections()) {
    return;
  }
  requirement_due_ = Timestamp::Never();
  if (UnifiedNegotiation* unified = std::get_if<UnifiedNegotiation>(&negotiation_)) {
    if (std::optional<livekit::MediaSectionsRequirement> requirement = unified->PollRequirement()) {
      livekit::SignalResponse response;
      *response.mutable_media_sections_requirement() = std::move(*requirement);
      signal_.Send(std::move(response));
    }
  }
}

std::string AnsweringTransport::FormatParameters(std::string_view mid,
                                                 worker::v1::Codec codec) const {
  for (const worker::v1::Receiver& receiver : receivers_.receivers()) {
    if (receiver.mid() != mid) {
      continue;
    }
    for (const worker::v1::PayloadFormat& format : receiver.formats()) {
      if (format.codec() == codec) {
        return format.fmtp();
      }
    }
  }
  return "";
}

}  // namespace sfu::room
