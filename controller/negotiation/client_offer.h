#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <absl/status/statusor.h>

#include "common/sdp/session_description.h"
#include "controller/negotiation/negotiation_types.h"

namespace sfu::negotiation {

// The latest offer of a client, checked against the one before it. The part of offer and answer
// that is the same with one connection and with two; others use PublisherNegotiation or
// UnifiedNegotiation.
class ClientOffer {
 public:
  // InvalidArgument, with nothing changed, unless the offer is one a conforming client could send
  // next (RFC 9429 section 5.2.2): sections in their old places with their old mids (rejected ones
  // may be recycled), a mid on each, ICE credentials and a usable fingerprint, a data section at
  // most.
  absl::StatusOr<OfferSummary> Handle(const livekit::SessionDescription& offer,
                                      const CodecPreferences& publish_codecs);

  bool present() const { return present_; }

  // Precondition for these: present().
  uint32_t id() const { return id_; }
  const sdp::SessionDescription& description() const { return description_; }
  const ConfigureTransport& remote_transport() const { return remote_transport_; }

  // Whether a section of this offer may be answered with anything but a rejection: not rejected
  // itself and a member of the bundle, or the only section.
  bool IsUsable(const sdp::MediaSection& section) const;

 private:
  bool present_ = false;
  uint32_t id_ = 0;
  sdp::SessionDescription description_;
  ConfigureTransport remote_transport_;
  std::map<std::string, std::string> sending_;  // Mid to first cid.
};

}  // namespace sfu::negotiation
