#pragma once

#include <cstdint>
#include <optional>

#include "common/base/expected.h"
#include "controller/room/departures.h"
#include "controller/room/publishing.h"
#include "controller/room/room_state.h"
#include "controller/room/subscribing.h"

namespace sfu::room {

// How participants come in (signaling contract, section 4.1).
class Admission {
 public:
  Admission(RoomState& state, Publishing& publishing, Subscribing& subscribing,
            Departures& departures)
      : state_(state),
        publishing_(publishing),
        subscribing_(subscribing),
        departures_(departures) {}

  Expected<SessionId, JoinRefusal> Join(Moment moment, JoinParameters parameters);

  // Its primary connection is up: it counts as here, and receives what it wants.
  void HandleConnected(Moment moment, Member& member);

 private:
  std::optional<JoinRefusal> Refusal(const JoinParameters& parameters);
  Member& Create(Moment moment, SessionId session, const JoinParameters& parameters);
  void SendJoin(Moment moment, Member& member, const JoinParameters& parameters);

  RoomState& state_;
  Publishing& publishing_;
  Subscribing& subscribing_;
  Departures& departures_;
  uint64_t last_participant_ = 0;
};

// What data routing must know of a participant; sent again when its rights change.
void ConfigureParticipant(const Participant& participant, WorkerPort& worker);

}  // namespace sfu::room
