#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "controller/negotiation/publisher_negotiation.h"
#include "controller/negotiation/unified_negotiation.h"
#include "controller/room/ids.h"
#include "controller/room/signal_sink.h"
#include "controller/room/worker_port.h"

namespace sfu::room {

// The connection on which the client offers and we answer: the publisher connection of two, or the
// only one. Joins a negotiation to the worker's transport: an answer leaves when the worker has
// opened the transport and confirmed what the answer promises.
class AnsweringTransport {
 public:
  AnsweringTransport(TransportHandle handle, ParticipantHandle owner, bool unified,
                     const negotiation::NegotiationOptions& options, WorkerPort& worker,
                     SignalSink& signal, Random& random);

  TransportHandle handle() const { return handle_; }

  void Open(bool carries_data_down);

  // First half of an offer: its summary tells the room which tracks to map. An error means that the
  // client must reconnect in full.
  absl::StatusOr<negotiation::OfferSummary> HandleOffer(const livekit::SessionDescription& offer);
  // Second half: answer it as soon as possible.
  void Answer(Timestamp now, negotiation::Assignments assignments);

  // The client has a new signal connection, and offers anew. What was on its way to it may not have
  // arrived: an answer to an earlier offer would now be taken for one to the new.
  void HandleResumed(Timestamp now);

  // Between offers: a section that had to wait has its track, or a track was taken away.
  void SetAssignments(negotiation::Assignments assignments);

  // Of the only connection. Precondition: unified. False if no codec of the source is enabled.
  bool AddSender(Timestamp now, const negotiation::SentTrack& sent);
  void RemoveSender(Timestamp now, uint64_t sender);
  // What the client turned out to be unable to receive, since the last call.
  std::vector<uint64_t> TakeRefusedSenders();

  // Returns whether the result was for this transport.
  bool HandleResult(Timestamp now, const worker::v1::CommandResult& result);

  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const {
    return MayAskForSections() ? requirement_due_ : Timestamp::Never();
  }

  // The parameters with which the client sends that codec; "" when unknown.
  std::string FormatParameters(std::string_view mid, worker::v1::Codec codec) const;

 private:
  // The answer to the latest offer, held back until the worker has applied it.
  struct HeldAnswer {
    uint64_t request_id = 0;
    livekit::SessionDescription description;
    bool overtaken = false;  // By a resume: to be applied, but not to be sent.
  };

  void AnswerIfReady(Timestamp now);
  uint64_t Send(worker::v1::RoomCommand command) { return worker_.SendFor(owner_, command); }
  void SendReceivers(negotiation::ConfigureReceivers receivers);
  // Not while an answer is on its way, which may make the question moot; nor while nobody hears.
  bool MayAskForSections() const { return !held_ && !answer_wanted_ && signal_.connected(); }

  const TransportHandle handle_;
  const ParticipantHandle owner_;
  WorkerPort& worker_;
  SignalSink& signal_;
  std::variant<negotiation::PublisherNegotiation, negotiation::UnifiedNegotiation> negotiation_;
  negotiation::Assignments assignments_;
  std::optional<worker::v1::TransportOpened> local_;
  uint64_t opening_request_ = 0;  // OpenTransport or RestartIce whose result is awaited.
  bool answer_wanted_ = false;
  std::optional<HeldAnswer> held_;
  negotiation::ConfigureReceivers receivers_;  // As last sent to the worker.
  std::vector<uint64_t> refused_senders_;
  Timestamp requirement_due_ = Timestamp::Never();
};

}  // namespace sfu::room
