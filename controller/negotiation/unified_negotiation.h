#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "controller/negotiation/client_offer.h"
#include "controller/negotiation/local_description.h"
#include "controller/negotiation/negotiation_types.h"
#include "controller/negotiation/sent_section.h"

namespace sfu::negotiation {

// The only connection of a `/rtc/v1` client (signaling contract, section 5.6). The client offers
// everything, sections to publish on and empty ones to subscribe on; we answer, putting our senders
// into the empty ones of their kind, and ask for more by number when they run out. Never offers
// (trap 24).
//
// No I/O; lives on its room's loop.
class UnifiedNegotiation {
 public:
  struct Answer {
    livekit::SessionDescription description;  // The offer's id; mid_to_track_id complete (trap 21).
    ConfigureTransport transport;
    ConfigureReceivers receivers;
    ConfigureSenders senders;  // Complete.
    // Senders for which the client offers no codec of the source's. They stay unplaced and are
    // asked no section for until they are added anew.
    std::vector<uint64_t> refused_senders;
  };

  UnifiedNegotiation(const NegotiationOptions& options, Random& random);

  // As of PublisherNegotiation.
  absl::StatusOr<OfferSummary> HandleOffer(const livekit::SessionDescription& offer);
  Answer BuildAnswer(const Assignments& assignments, const TransportOpened& local);
  ConfigureReceivers Receivers(const Assignments& assignments) const;
  bool has_unanswered_offer() const { return unanswered_; }

  // As of SubscriberNegotiation; media flows after a later offer and answer.
  bool AddSender(const SentTrack& sent);
  void RemoveSender(uint64_t sender);
  ConfigureSenders Senders() const;  // Of the last answer, still wanted.

  // What to ask the client for, if anything: additional sections, or {0, 0} for a mere new offer.
  // Take it after changes of the senders (debounced, if the caller likes) and after each answer
  // has been sent. Counts each missing section once while the offer that brings it is expected:
  // the client adds sections for every message it gets (trap 24). Never asks for more sections
  // than the parser would take back.
  std::optional<livekit::MediaSectionsRequirement> PollRequirement();

  // The client resumes and will offer anew. It may have seen neither our last requirement nor our
  // last answer.
  void HandleResumed();

 private:
  // A section the client receives on.
  struct Slot {
    MediaKind kind = worker::v1::MEDIA_KIND_UNSPECIFIED;
    std::optional<uint64_t> sender;
    SenderSsrcs ssrcs;
    // Carried a sender that is gone, and the client has not been told. Only once it has may
    // another track come here: clients announce a track when a section starts to carry it.
    bool releasing = false;
    bool emptied = false;  // Told so by the last answer, which a resume may prove lost.
    std::optional<worker::v1::Sender> accepted;  // By the last answer.

    bool IsFree() const { return !sender && !releasing; }
  };

  struct Shortage {
    uint32_t sections = 0;        // Neither there nor asked for.
    bool fits_free_slot = false;  // A mere new offer would place somebody.
  };

  // What the client has been asked for and has not brought.
  struct Asked {
    uint32_t audio = 0;
    uint32_t video = 0;
    bool offer = false;  // Whether an offer is expected at all.
    int offers_without = 0;
  };

  void UpdateSlots();
  void AccountForNewSlots(uint32_t audio, uint32_t video);
  void PlaceSenders();
  Slot* FindSlot(const SentTrack& sent);
  std::vector<MatchedFormat> FormatsAt(const sdp::MediaSection& offered,
                                       const SentTrack& sent) const;
  bool IsPlaced(uint64_t sender) const;
  bool HasVideoSender() const;
  sdp::MediaSection AnswerSlot(const sdp::MediaSection& offered, Slot& slot);
  Shortage ShortageOf(MediaKind kind, uint32_t asked) const;

  const NegotiationOptions options_;
  Random& random_;
  ClientOffer offer_;
  Origin origin_;
  std::vector<worker::v1::Receiver> receivers_;
  std::map<uint64_t, SentTrack> wanted_;
  std::set<uint64_t> refused_;
  std::map<std::string, Slot> slots_;  // By mid.
  Asked asked_;
  bool unanswered_ = false;
};

}  // namespace sfu::negotiation
