#pragma once

#include <optional>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "controller/negotiation/client_offer.h"
#include "controller/negotiation/local_description.h"
#include "controller/negotiation/negotiation_types.h"

namespace sfu::negotiation {

// The connection a client publishes on when there are two (signaling contract, section 5.1): the
// client offers, we answer, media only comes up.
//
// HandleOffer(), then BuildAnswer() once the room has mapped the sections and the worker has
// opened the transport; the next offer may come before that and replaces the first. No I/O; lives
// on its room's loop.
class PublisherNegotiation {
 public:
  struct Answer {
    livekit::SessionDescription description;  // Carries the offer's id (trap 22).
    ConfigureTransport transport;
    ConfigureReceivers receivers;
  };

  PublisherNegotiation(const NegotiationOptions& options, Random& random);

  // InvalidArgument when the text is no usable offer; nothing has changed then, and the client is
  // better told to reconnect in full.
  absl::StatusOr<OfferSummary> HandleOffer(const livekit::SessionDescription& offer);

  // Precondition: there was a good offer. May be called again for the same offer.
  Answer BuildAnswer(const Assignments& assignments, const TransportOpened& local);

  // The receivers of the last answer under today's mapping: for an add_track that came after the
  // offer it belongs to (trap 14). Empty before the first answer.
  ConfigureReceivers Receivers(const Assignments& assignments) const;

  bool has_unanswered_offer() const { return unanswered_; }

 private:
  const NegotiationOptions options_;
  ClientOffer offer_;
  Origin origin_;
  std::vector<worker::v1::Receiver> receivers_;
  bool unanswered_ = false;
};

}  // namespace sfu::negotiation
