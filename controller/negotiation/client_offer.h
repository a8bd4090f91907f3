#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <absl/status/status.h>
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

  // Sections we answered with a rejection may be recycled in the next offer as well.
  void NoteAnswer(const sdp::SessionDescription& answer);

  bool present() const { return present_; }

  // Precondition for these: present().
  uint32_t id() const { return id_; }
  const sdp::SessionDescription& description() const { return description_; }
  const ConfigureTransport& remote_transport() const { return remote_transport_; }

  // Whether a section of this offer (one of description().sections) may be answered with anything
  // but a rejection: not rejected itself and a member of the bundle, or the only section.
  bool IsUsable(const sdp::MediaSection& section) const;

 private:
  absl::Status CheckSections(const sdp::SessionDescription& next) const;
  std::vector<PublishSection> SendingSections(const CodecPreferences& publish_codecs) const;

  bool present_ = false;
  uint32_t id_ = 0;
  sdp::SessionDescription description_;
  ConfigureTransport remote_transport_;
  std::set<std::string> rejected_by_us_;        // Mids.
  std::map<std::string, std::string> sending_;  // Mid to first cid.
};

}  // namespace sfu::negotiation
