#pragma once

#include <absl/container/flat_hash_map.h>

#include "controller/room/members.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::room {

// Passes on who speaks: to each receiver only those it receives, and itself (signaling contract,
// section 4.9).
class Speakers {
 public:
  void HandleChanged(const worker::v1::SpeakersChanged& changed, Members& members);

  // To one who has just begun to receive `publisher`, if that one is speaking.
  void SendCurrent(const Member& publisher, Member& receiver) const;

  // To one that may have missed changes: who speaks and who does not, of all that concern it.
  void SendAll(Member& receiver, const Members& members) const;

  void Forget(ParticipantHandle handle) { speaking_.erase(handle); }

 private:
  absl::flat_hash_map<ParticipantHandle, livekit::SpeakerInfo> speaking_;
};

}  // namespace sfu::room
