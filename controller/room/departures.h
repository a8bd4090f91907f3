#pragma once

#include <optional>

#include "controller/room/publishing.h"
#include "controller/room/room_state.h"

namespace sfu::room {

// How participants leave, by will, by force or by silence (signaling contract, sections 3.8
// and 7.7), and what must end with them.
class Departures {
 public:
  Departures(RoomState& state, Publishing& publishing) : state_(state), publishing_(publishing) {}

  // The client said so.
  void HandleLeave(Timestamp now, Member& member, const livekit::LeaveRequest& leave);
  // Its signal connection went away without a word. Without media it never was here and is gone;
  // else it stays for as long as its peer connections live: it will resume.
  void HandleSignalClosed(Timestamp now, Member& member);
  // Its client has come back by a new signal connection.
  void HandleResumed(Timestamp now, Member& member);
  // One of its peer connections came up, or back.
  void HandleMediaRecovered(Member& member);

  // Told to go for good.
  void Disconnect(Timestamp now, Member& member, livekit::DisconnectReason reason);
  // Told to connect anew, since this session is beyond repair.
  void Fail(Timestamp now, Member& member, livekit::DisconnectReason reason);
  // A new session of the same identity takes its place.
  void Replace(Timestamp now, Member& member);

  // The whole room ends: everybody is told to go, and nothing of the others. The worker drops the
  // room as a whole.
  void CloseDown(Member& member, livekit::DisconnectReason reason);

  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

 private:
  // A peer connection has failed: the client is told to resume, which restarts ICE.
  void HandleMediaLost(Timestamp now, Member& member);
  void Say(Member& member, livekit::LeaveRequest::Action action, livekit::DisconnectReason reason);
  // Returns the last word about it, for others. `member` is gone afterwards.
  livekit::ParticipantInfo Remove(Timestamp now, Member& member, livekit::DisconnectReason reason);

  RoomState& state_;
  Publishing& publishing_;
};

}  // namespace sfu::room
