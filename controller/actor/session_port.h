#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "controller/room/ids.h"
#include "proto/livekit/rtc.pb.h"

namespace sfu::actor {

class RoomShard;

// The connection's end of one session: carries what the client says to the room, wherever that
// lives. Any thread, but one at a time: requests keep their order.
class SessionPort {
 public:
  SessionPort(RoomShard& shard, uint64_t room, room::SessionId session)
      : shard_(&shard), room_(room), session_(session) {}

  // False when the room is this far behind with the session's requests: the client should be cut
  // off rather than remembered.
  [[nodiscard]] bool HandleRequest(livekit::SignalRequest request);
  void HandleClosed();

 private:
  static constexpr int kMaxWaitingRequests = 1000;

  RoomShard* shard_;
  uint64_t room_;
  room::SessionId session_;
  std::shared_ptr<std::atomic<int>> waiting_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace sfu::actor
