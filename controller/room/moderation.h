#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "controller/room/publishing.h"
#include "controller/room/room.h"
#include "controller/room/room_state.h"
#include "controller/room/subscribing.h"

namespace sfu::room {

// Changes of who participants are and what they may do, asked for by themselves or by the server
// API (signaling contract, section 4.7; server API contract, section 2.3).
class Moderation {
 public:
  Moderation(RoomState& state, Publishing& publishing, Subscribing& subscribing)
      : state_(state), publishing_(publishing), subscribing_(subscribing) {}

  void HandleUpdateMetadata(Moment moment, Member& member,
                            const livekit::UpdateParticipantMetadata& request);

  Expected<livekit::ParticipantInfo, ApiRefusal> UpdateParticipant(
      Moment moment, const livekit::UpdateParticipantRequest& request);
  Expected<std::optional<livekit::TrackInfo>, ApiRefusal> MutePublishedTrack(
      Moment moment, std::string_view identity, std::string_view track_sid, bool muted);
  Expected<livekit::ParticipantInfo, ApiRefusal> UpdateSubscriptions(
      Moment moment, const livekit::UpdateSubscriptionsRequest& request);
  // A repeat of a recent nonce is dropped.
  void SendData(const livekit::SendDataRequest& request);

 private:
  void Announce(Moment moment, Member& member);
  void SetPermission(Moment moment, Member& member,
                     const livekit::ParticipantPermission& permission);

  RoomState& state_;
  Publishing& publishing_;
  Subscribing& subscribing_;
  std::deque<std::string> recent_nonces_;
};

}  // namespace sfu::room
