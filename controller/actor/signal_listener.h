#pragma once

#include "proto/livekit/rtc.pb.h"

namespace sfu::actor {

// The client's end of one session. Called on the room's loop, in the order the client must see
// things; implementations only post to the connection's loop. A response arrives before the
// callback of the join that started the session has returned, never before it was called.
class SignalListener {
 public:
  virtual ~SignalListener() = default;

  virtual void HandleResponse(livekit::SignalResponse response) = 0;
  // Close the connection once everything before is out. The last call.
  virtual void HandleClose() = 0;
};

}  // namespace sfu::actor
