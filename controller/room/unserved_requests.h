#pragma once

#include "controller/room/member.h"
#include "controller/room/room.h"

namespace sfu::room {

// Requests that this room does not serve: those that need no answer are counted, the others refused
// so that the client need not wait for its own timeout.
void RefuseUnserved(Member& member, const livekit::SignalRequest& request, RoomCounters& counters);

}  // namespace sfu::room
