#pragma once

#include <string_view>

#include "controller/room/room_state.h"
#include "controller/room/subscribing.h"

namespace sfu::room {

// From add_track to the track's end (signaling contract, sections 4.2 and 4.3): rights, answers to
// the publisher, and what everybody else must hear.
class Publishing {
 public:
  Publishing(RoomState& state, Subscribing& subscribing)
      : state_(state), subscribing_(subscribing) {}

  void HandleAddTrack(Moment moment, Member& member, const livekit::AddTrackRequest& request);
  void HandleOffer(Moment moment, Member& member, const livekit::SessionDescription& offer);
  void HandleTrackStarted(Moment moment, const worker::v1::TrackStarted& started);
  void HandleMute(Moment moment, Member& member, const livekit::MuteTrackRequest& request);
  void HandleAudioUpdate(Moment moment, Member& member,
                         const livekit::UpdateLocalAudioTrack& request);
  void HandleVideoUpdate(Moment moment, Member& member,
                         const livekit::UpdateLocalVideoTrack& request);

  // The publisher is on a new signal connection: what it must obey, before its own state is told
  // (trap 34), and answers it may have missed.
  void HandleResumed(Member& member);

  // By force; the publisher is told.
  void Unpublish(Moment moment, Member& member, const std::string& track_sid);
  // After a loss of rights: ends what may no longer be published.
  void HandleRightsChanged(Moment moment, Member& member);
  // The publisher leaves: nothing of its tracks needs telling, they go with it.
  void EndAll(Timestamp now, Member& member);

  // Changes the track and tells everybody.
  void SetMuted(Moment moment, Member& member, Track& track, bool muted);

 private:
  void Apply(Moment moment, Member& member, PublishedTracks::Changes changes);
  void Announce(Moment moment, Member& member, Track& track);

  RoomState& state_;
  Subscribing& subscribing_;
};

// Sends it, with the request's echo already inside, if the client knows such messages.
void Respond(Member& member, livekit::RequestResponse response);

}  // namespace sfu::room
