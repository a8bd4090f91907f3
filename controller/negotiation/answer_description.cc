#include "controller/negotiation/answer_description.h"

#include "common/base/check.h"
#include "common/sdp/sdp_writer.h"

namespace sfu::negotiation {

sdp::SessionDescription StartAnswer(const ClientOffer& offer, Origin& origin) {
  sdp::SessionDescription answer = origin.Next();
  answer.extmap_allow_mixed = offer.description().extmap_allow_mixed;
  return answer;
}

livekit::SessionDescription FinishAnswer(const TransportOpened& local,
                                         sdp::SessionDescription answer, ClientOffer& offer) {
  SFU_CHECK(answer.sections.size() == offer.description().sections.size());
  BundleAnswer(offer.description(), answer);
  const bool client_is_server = offer.remote_transport().peer_is_dtls_server();
  ApplyLocalTransport(local, client_is_server ? sdp::Setup::kActive : sdp::Setup::kPassive, answer);
  offer.NoteAnswer(answer);
  livekit::SessionDescription result;
  result.set_type("answer");
  result.set_sdp(sdp::Write(answer));
  result.set_id(offer.id());
  return result;
}

}  // namespace sfu::negotiation
