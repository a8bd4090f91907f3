#pragma once

#include "controller/room/departures.h"
#include "controller/room/publishing.h"
#include "controller/room/room_state.h"
#include "controller/room/subscribing.h"

namespace sfu::room {

// How clients come back to a live session by a new signal connection (signaling contract, sections
// 7.2 to 7.4). What the member did before, and whether it still has its former connection, does not
// matter: it is told everything that it may have missed.
class Resumption {
 public:
  Resumption(RoomState& state, Publishing& publishing, Subscribing& subscribing,
             Departures& departures)
      : state_(state),
        publishing_(publishing),
        subscribing_(subscribing),
        departures_(departures) {}

  // The new session. Its first message is the ReconnectResponse; or, if the session to resume is
  // not here, a Leave that makes the client connect anew, and nothing after it (trap 29).
  SessionId Resume(Moment moment, const JoinParameters& parameters);

  // What the client holds for true.
  void HandleSyncState(Moment moment, Member& member, const livekit::SyncState& sync);

 private:
  Member* FindSession(const JoinParameters& parameters);
  void Attach(SessionId session, Member& member);
  void SendReconnect(Member& member, const JoinParameters& parameters);
  void SendRoom(Member& member);

  RoomState& state_;
  Publishing& publishing_;
  Subscribing& subscribing_;
  Departures& departures_;
};

}  // namespace sfu::room
