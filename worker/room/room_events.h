#pragma once

#include <utility>
#include <vector>

#include "worker/room/room_event.h"

namespace sfu::mediaroom {

// Where a room's parts put what is to be reported, in order.
class RoomEvents {
 public:
  RoomEvents(RoomHandle room, std::vector<RoomEvent>& events) : room_(room), events_(events) {}
  void Add(RoomEventValue value) { events_.push_back({room_, std::move(value)}); }

 private:
  const RoomHandle room_;
  std::vector<RoomEvent>& events_;
};

}  // namespace sfu::mediaroom
