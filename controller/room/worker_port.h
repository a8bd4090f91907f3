#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "controller/room/ids.h"
#include "controller/room/outbox.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::room {

// Numbers a room's commands and remembers for whom each was, until its result is in.
class WorkerPort {
 public:
  // Far beyond what a worker leaves unanswered unless it is broken; older ones are then forgotten.
  static constexpr size_t kMaxInFlight = 100'000;

  WorkerPort(uint64_t room, uint64_t epoch, Outbox& outbox)
      : room_(room), epoch_(epoch), outbox_(outbox) {}

  // Fills in everything but the command itself. Returns the request id.
  uint64_t Send(worker::v1::RoomCommand command);
  // The same for a command without which its participant cannot go on: a refusal concerns it.
  uint64_t SendFor(ParticipantHandle owner, worker::v1::RoomCommand command);

  // For whom the command was; nullopt if for nobody in particular, or not ours.
  std::optional<ParticipantHandle> TakeOwner(uint64_t request_id);

  // The worker is gone: commands are dropped until Attach(). Results still due will not come.
  void Detach();
  // From now on commands are for another worker, or for another life of this one.
  void Attach(uint64_t room, uint64_t epoch);

 private:
  uint64_t room_;
  uint64_t epoch_;
  Outbox& outbox_;
  bool attached_ = true;
  uint32_t last_count_ = 0;
  std::map<uint64_t, ParticipantHandle> in_flight_;
};

}  // namespace sfu::room
