#pragma once

#include <absl/container/flat_hash_map.h>

#include "controller/room/members.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::room {

// Passes on how well everybody is connected: to each receiver about itself and those it receives
// (signaling contract, section 4.9).
class ConnectionQualities {
 public:
  void HandleChanged(const worker::v1::ConnectionQualities& changed, Members& members);

  // To one who has just begun to receive `publisher`.
  void SendCurrent(const Member& publisher, Member& receiver) const;

  // To one that may have missed changes.
  void SendAll(Member& receiver, const Members& members) const;

  void Forget(ParticipantHandle handle) { known_.erase(handle); }

 private:
  absl::flat_hash_map<ParticipantHandle, livekit::ConnectionQualityInfo> known_;
};

}  // namespace sfu::room
