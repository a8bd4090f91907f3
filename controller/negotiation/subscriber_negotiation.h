#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "common/sdp/session_description.h"
#include "controller/negotiation/local_description.h"
#include "controller/negotiation/negotiation_types.h"
#include "controller/negotiation/sent_section.h"

namespace sfu::negotiation {

// The connection a client subscribes on when there are two (signaling contract, section 5.1): we
// offer, the client answers, media only goes down. A data section comes first and is there from
// the first offer, which is made even without a track: the client waits for this connection
// (trap 27).
//
// The room changes the set of senders at will and, whenever NeedsOffer() says so (after its own
// debounce), takes CreateOffer(). One offer is in flight at a time; what changes meanwhile is in
// the next one. No I/O; lives on its room's loop.
class SubscriberNegotiation {
 public:
  struct Answer {
    ConfigureTransport transport;
    ConfigureSenders senders;  // Complete.
    // Senders the client cannot or will not receive: no codec in common, or the section rejected.
    // They stay unless removed, but are offered no more.
    std::vector<uint64_t> refused_senders;
  };

  SubscriberNegotiation(const NegotiationOptions& options, Random& random);

  // False if no codec of the source is enabled for subscribers: nothing has changed then. A known
  // handle replaces the earlier request (same track, other codecs).
  bool AddSender(const SentTrack& sent);
  void RemoveSender(uint64_t sender);  // Unknown handles are fine.

  // After a resume (trap 28) or a lost path: an offer is needed now, and one in flight is given
  // up, since its answer may never come. The caller passes the worker's new credentials to
  // CreateOffer().
  void RestartIce();

  bool NeedsOffer() const { return changed_ && !in_flight_; }
  bool offer_in_flight() const { return in_flight_.has_value(); }

  // Precondition: NeedsOffer().
  livekit::SessionDescription CreateOffer(const TransportOpened& local);

  // FailedPrecondition for an answer to no offer of ours (late, or its id is another's): ignore it.
  // InvalidArgument for an unusable one: the connection is beyond repair. An id of 0 is taken as
  // the right one, since some clients do not echo it.
  absl::StatusOr<Answer> HandleAnswer(const livekit::SessionDescription& answer);

  // Senders of the last answer that are still wanted.
  ConfigureSenders Senders() const;

 private:
  // One media section of the connection. They are never removed, only emptied and used again.
  struct Section {
    std::string mid;
    MediaKind kind = worker::v1::MEDIA_KIND_UNSPECIFIED;
    std::optional<uint64_t> sender;  // Occupied by: offered, or in the next offer.
    SenderSsrcs ssrcs;
    std::vector<MatchedFormat> formats;  // As last offered.
    bool rejected = false;               // By the client, for good.
    // The client has answered an offer in which the section carried nothing. Only then may another
    // track take it: browsers announce a new track when a section starts to carry something.
    bool reusable = false;
    std::optional<worker::v1::Sender> accepted;  // By the last answer.
  };

  struct InFlight {
    uint32_t id = 0;
    std::vector<sdp::MediaSection> sections;       // As offered, the data section first.
    std::vector<std::optional<uint64_t>> senders;  // Of each element of `sections_`.
  };

  void PlaceSenders();
  Section* FreeSection(MediaKind kind);
  void FillFormats();
  bool OffersVideo() const;
  sdp::MediaSection OfferedSection(const Section& section, bool with_video) const;
  absl::StatusOr<sdp::SessionDescription> ParseAnswer(
      const livekit::SessionDescription& answer) const;
  // False when the sender that was offered there is refused.
  bool HandleSection(const sdp::MediaSection& offered, std::optional<uint64_t> offered_sender,
                     const sdp::MediaSection& answered, Section& section);
  bool HasUnplaced() const;

  const NegotiationOptions options_;
  Random& random_;
  Origin origin_;
  uint32_t next_id_;
  std::map<uint64_t, SentTrack> wanted_;
  std::set<uint64_t> refused_;
  std::vector<Section> sections_;
  std::optional<InFlight> in_flight_;
  bool changed_ = true;  // The first offer is needed without any sender.
};

}  // namespace sfu::negotiation
