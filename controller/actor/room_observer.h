#pragma once

#include "controller/actor/milestone.h"
#include "controller/room/effect.h"
#include "proto/livekit/models.pb.h"

namespace sfu::actor {

// Hears what happens in all rooms, for metrics and (one day) webhooks. Called on the rooms' loops,
// so from several threads.
class RoomObserver {
 public:
  virtual ~RoomObserver() = default;

  virtual void HandleRoomStarted(const livekit::Room& room) = 0;
  virtual void HandleRoomFinished(const livekit::Room& room) = 0;
  virtual void HandleFact(const livekit::Room& room, const room::RoomFact& fact) = 0;
  virtual void HandleMilestone(const Milestone& milestone) = 0;
};

}  // namespace sfu::actor
