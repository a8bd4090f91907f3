#pragma once

#include "common/sdp/session_description.h"
#include "controller/negotiation/client_offer.h"
#include "controller/negotiation/local_description.h"
#include "controller/negotiation/negotiation_types.h"

// What answers have in common whatever their sections carry. Internal to this module.
namespace sfu::negotiation {

// Session level only.
sdp::SessionDescription StartAnswer(const ClientOffer& offer, Origin& origin);

// Once every section of the offer has its answer: adds our transport, remembers the rejections in
// `offer`, and puts it into words. We take the passive DTLS role unless the client insists on it:
// as the server we choose the SRTP profile (media rule DTLS-2).
livekit::SessionDescription FinishAnswer(const TransportOpened& local,
                                         sdp::SessionDescription answer, ClientOffer& offer);

}  // namespace sfu::negotiation
