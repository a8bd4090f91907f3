#include <string>

#include "controller/negotiation/candidate_init.h"
#include "controller/negotiation/publisher_negotiation.h"
#include "controller/negotiation/subscriber_negotiation.h"
#include "controller/negotiation/unified_negotiation.h"
#include "tests/support/seeded_random.h"

namespace sfu::negotiation {
namespace {

TransportOpened Local() {
  TransportOpened local;
  local.mutable_local_ice()->set_ufrag("localfragment");
  local.mutable_local_ice()->set_password("localpasswordlocalpassword");
  local.mutable_local_fingerprint()->set_algorithm("sha-256");
  local.mutable_local_fingerprint()->set_value(std::string(32, '\x5a'));
  return local;
}

SentTrack Sent(uint64_t handle, MediaKind kind, Codec codec) {
  SentTrack sent;
  sent.sender = handle;
  sent.track = handle;
  sent.track_sid = "TR_" + std::to_string(handle);
  sent.participant_sid = "PA_x";
  sent.kind = kind;
  sent.codecs = {{codec, ""}};
  return sent;
}

livekit::SessionDescription Description(const char* type, std::string sdp) {
  livekit::SessionDescription description;
  description.set_type(type);
  description.set_sdp(std::move(sdp));
  return description;
}

template <typename Negotiation>
void OfferTwice(Negotiation& negotiation, const std::string& first, const std::string& second) {
  for (const std::string& text : {first, second}) {
    if (negotiation.HandleOffer(Description("offer", text)).ok()) {
      (void)negotiation.BuildAnswer({}, Local());
    }
  }
}

}  // namespace
}  // namespace sfu::negotiation

// The input is two descriptions, one after the other; a NUL parts them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::negotiation;  // NOLINT: a fuzz target has no other names.
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t border = text.find('\0');
  const std::string first = text.substr(0, border);
  const std::string second = border == std::string::npos ? first : text.substr(border + 1);
  sfu::SeededRandom random(1);
  const NegotiationOptions options;

  PublisherNegotiation publisher(options, random);
  OfferTwice(publisher, first, second);

  UnifiedNegotiation unified(options, random);
  unified.AddSender(Sent(1, sfu::worker::v1::MEDIA_KIND_VIDEO, sfu::worker::v1::CODEC_H264));
  unified.AddSender(Sent(2, sfu::worker::v1::MEDIA_KIND_AUDIO, sfu::worker::v1::CODEC_RED));
  OfferTwice(unified, first, second);
  (void)unified.PollRequirement();

  SubscriberNegotiation subscriber(options, random);
  subscriber.AddSender(Sent(1, sfu::worker::v1::MEDIA_KIND_VIDEO, sfu::worker::v1::CODEC_VP8));
  (void)subscriber.CreateOffer(Local());
  (void)subscriber.HandleAnswer(Description("answer", first));

  (void)ParseCandidateInit(text);
  return 0;
}
