#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "controller/negotiation/subscriber_negotiation.h"
#include "controller/room/ids.h"
#include "controller/room/signal_sink.h"
#include "controller/room/worker_port.h"

namespace sfu::room {

// The connection on which we offer: the subscriber connection of two. Decides when to offer (soon,
// but changes close together share an offer) and when to give up on an answer. While the client has
// no signal connection it keeps what there is to say for the offer of the resume.
class OfferingTransport {
 public:
  OfferingTransport(TransportHandle handle, ParticipantHandle owner,
                    const negotiation::NegotiationOptions& options, WorkerPort& worker,
                    SignalSink& signal, Random& random);

  TransportHandle handle() const { return handle_; }

  // `primary`: data for the client goes down here, on channels the worker opens.
  void Open(bool primary);

  bool AddSender(Timestamp now, const negotiation::SentTrack& sent);
  void RemoveSender(Timestamp now, uint64_t sender);
  std::vector<uint64_t> TakeRefusedSenders() { return std::exchange(refused_senders_, {}); }

  // The client has a new signal connection: an offer with an ICE restart follows, always (trap 28).
  // One in flight may never have arrived, and its answer may never come.
  void HandleResumed();

  // False: the connection is beyond repair and the client must reconnect in full.
  [[nodiscard]] bool HandleAnswer(Timestamp now, const livekit::SessionDescription& answer);
  // Returns whether the result was for this transport.
  bool HandleResult(Timestamp now, const worker::v1::CommandResult& result);

  // False: no answer within 15 s, likewise beyond repair.
  [[nodiscard]] bool HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

 private:
  uint64_t Send(worker::v1::RoomCommand command) { return worker_.SendFor(owner_, command); }
  void Schedule(Timestamp now);

  const TransportHandle handle_;
  const ParticipantHandle owner_;
  WorkerPort& worker_;
  SignalSink& signal_;
  negotiation::SubscriberNegotiation negotiation_;
  std::optional<worker::v1::TransportOpened> local_;
  uint64_t opening_request_ = 0;
  bool answered_once_ = false;
  std::optional<Timestamp> last_offer_;
  Timestamp offer_due_ = Timestamp::Never();
  Timestamp answer_due_ = Timestamp::Never();
  std::vector<uint64_t> refused_senders_;
};

}  // namespace sfu::room
