#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/time/time.h>

#include "common/base/random.h"
#include "controller/negotiation/negotiation_types.h"
#include "controller/room/handles.h"
#include "proto/livekit/rtc.pb.h"

namespace sfu::room {

// One track of one publisher, from its add_track to its end.
struct Track {
  explicit Track(TrackHandle track_handle) : handle(track_handle) {}

  const TrackHandle handle;
  std::string cid;
  livekit::TrackInfo info;
  // Media has come: others may see it. Until then it exists for its publisher only.
  bool live = false;
  bool mapped = false;                           // A section of the last offer feeds it, or did.
  bool announced_again = false;                  // add_track was repeated before media came.
  bool first_subscriber_told = false;            // To its publisher: somebody receives it.
  bool qualities_told = false;                   // Likewise: which layers are wanted.
  bool mute_order_missed = false;                // By its publisher: the server API's.
  std::vector<negotiation::SourceCodec> codecs;  // Seen flowing, the first first.
};

// What one participant publishes or is about to, and which section of its offer feeds what
// (signaling contract, section 4.2). Knows nothing of who may publish or watch.
class PublishedTracks {
 public:
  static constexpr size_t kMaxPending = 20;
  static constexpr size_t kMaxQueuedPerCid = 3;
  static constexpr size_t kMaxTracks = 200;  // Live and pending.
  static constexpr size_t kMaxRequestBytes = 64 * 1024;

  PublishedTracks(const negotiation::CodecPreferences& enabled, HandleAllocator& handles,
                  Random& random)
      : enabled_(enabled), handles_(handles), random_(random) {}

  using AddResult = std::variant<livekit::TrackPublishedResponse, livekit::RequestResponse::Reason>;
  // QUEUED means that the answer comes when the earlier track of that cid ends.
  AddResult Add(absl::Time wall, const livekit::AddTrackRequest& request);

  struct Changes {
    std::vector<std::unique_ptr<Track>> ended;
    std::vector<livekit::TrackPublishedResponse> announced;  // Their turn in the queue has come.
  };
  // Ends what the offer no longer sends and maps what it does.
  Changes HandleOffer(absl::Time wall, const negotiation::OfferSummary& offer);

  // After Add(): true if a section that had to wait now has its track.
  bool MapSections();

  // By mid: what the negotiation and the worker must know. Parked sections are left out.
  negotiation::Assignments assignments() const;

  // First media of one codec. Returns the track if it is new to others with this, or got another
  // codec.
  Track* HandleStarted(absl::Time wall, TrackHandle handle, std::string_view mid,
                       const negotiation::SourceCodec& codec);

  // By force. The section that fed it is not mapped to anything else until it stops.
  Changes Remove(absl::Time wall, std::string_view sid);

  Track* Find(std::string_view sid);  // Pending ones too.
  Track* Find(TrackHandle handle);
  const std::vector<std::unique_ptr<Track>>& tracks() const { return tracks_; }

 private:
  struct Section {
    negotiation::PublishSection offered;
    Track* track = nullptr;
    bool barred = false;
  };
  using Sections = std::map<std::string, Section>;

  std::optional<livekit::RequestResponse::Reason> Refusal(
      const livekit::AddTrackRequest& request) const;
  Track* FindByCid(std::string_view cid, bool live);
  livekit::TrackPublishedResponse Announce(absl::Time wall,
                                           const livekit::AddTrackRequest& request);
  Track* MatchByCid(const Section& section);
  Track* MatchByKind(const Section& section);
  void Assign(const std::string& mid, Section& section, Track& track);
  void EndIfUnfed(absl::Time wall, Changes& changes);
  void End(absl::Time wall, Track* track, Changes& changes);
  int SectionsOf(const Track* track) const;

  const negotiation::CodecPreferences& enabled_;
  HandleAllocator& handles_;
  Random& random_;
  std::vector<std::unique_ptr<Track>> tracks_;  // Oldest first.
  std::map<std::string, std::deque<livekit::AddTrackRequest>, std::less<>> queued_;  // By cid.
  Sections sections_;  // By mid; those that send.
};

}  // namespace sfu::room
