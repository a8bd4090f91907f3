#include "controller/room/worker_port.h"

#include <utility>

namespace sfu::room {

uint64_t WorkerPort::Send(worker::v1::RoomCommand command) {
  const uint64_t request_id = room_ << 32 | ++last_count_;
  command.set_request_id(request_id);
  command.set_room(room_);
  command.set_epoch(epoch_);
  if (attached_) {
    outbox_.Push(SendWorkerCommand{std::move(command)});
  }
  return request_id;
}

uint64_t WorkerPort::SendFor(ParticipantHandle owner, worker::v1::RoomCommand command) {
  const uint64_t request_id = Send(std::move(command));
  in_flight_.emplace(request_id, owner);
  if (in_flight_.size() > kMaxInFlight) {
    in_flight_.erase(in_flight_.begin());
  }
  return request_id;
}

std::optional<ParticipantHandle> WorkerPort::TakeOwner(uint64_t request_id) {
  const auto found = in_flight_.find(request_id);
  if (found == in_flight_.end()) {
    return std::nullopt;
  }
  const ParticipantHandle owner = found->second;
  in_flight_.erase(found);
  return owner;
}

void WorkerPort::Detach() {
  attached_ = false;
  in_flight_.clear();
}

void WorkerPort::Attach(uint64_t room, uint64_t epoch) {
  room_ = room;
  epoch_ = epoch;
  attached_ = true;
  in_flight_.clear();
}

}  // namespace sfu::room
