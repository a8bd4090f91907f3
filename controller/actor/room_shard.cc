#include "controller/actor/room_shard.h"

#include <utility>

#include "common/base/check.h"
#include "common/log/log.h"
#include "common/log/redact.h"
#include "controller/actor/room_configuration.h"

namespace sfu::actor {
namespace {

constexpr char kNoSuchRoom[] = "requested room does not exist";
constexpr char kNoWorker[] = "could not find any available nodes";
constexpr char kDraining[] = "server is shutting down: no new rooms";

// Those who do not count, as the room itself tells them apart when they join.
bool IsDependent(const livekit::ParticipantInfo& participant) {
  return participant.kind() == livekit::ParticipantInfo::AGENT ||
         participant.kind() == livekit::ParticipantInfo::EGRESS ||
         participant.permission().agent() || participant.permission().recorder();
}

// Whether one more of that identity would be refused. An answer for a client that wants to know
// why it was: the room decides for itself.
bool IsFull(const room::Room& room, std::string_view identity) {
  const uint32_t limit = room.ToProto().max_participants();
  if (limit == 0) {
    return false;
  }
  uint32_t present = 0;
  for (const livekit::ParticipantInfo& participant : room.Participants()) {
    present += IsDependent(participant) || participant.identity() == identity ? 0 : 1;
  }
  return present >= limit;
}

}  // namespace

bool SessionPort::HandleRequest(livekit::SignalRequest request) {
  if (waiting_->fetch_add(1, std::memory_order_relaxed) >= kMaxWaitingRequests) {
    return false;
  }
  shard_->loop().Post([shard = shard_, room = room_, session = session_, waiting = waiting_,
                       request = std::move(request)] {
    waiting->fetch_sub(1, std::memory_order_relaxed);
    if (RoomActor* actor = shard->Find(room)) {
      actor->HandleRequest(session, request);
    }
  });
  return true;
}

void SessionPort::HandleClosed() {
  shard_->loop().Post([shard = shard_, room = room_, session = session_] {
    if (RoomActor* actor = shard->Find(room)) {
      actor->HandleSignalClosed(session);
    }
  });
}

RoomShard::RoomShard(Settings settings, const Surroundings& surroundings)
    : settings_(std::move(settings)), surroundings_(surroundings) {}

RoomShard::~RoomShard() = default;

void RoomShard::Join(room::JoinParameters parameters, std::shared_ptr<SignalListener> listener,
                     JoinCallback callback) {
  SFU_CHECK(loop().IsCurrent());
  const std::string name = parameters.claims.video->room;
  if (parameters.reconnect && Find(name) == nullptr) {
    // The session cannot be here any more; the client hears it as its first message (trap 29).
    const livekit::SignalResponse leave = room::UnknownSessionLeave(parameters.client);
    callback(std::optional<SessionPort>());
    listener->HandleResponse(leave);
    listener->HandleClose();
    return;
  }
  if (const std::optional<JoinError> error = Unavailable(parameters)) {
    callback(Unexpected{*error});
    return;
  }
  if (Find(name) == nullptr) {
    const absl::StatusOr<uint64_t> made =
        MakeRoom(RequestFromToken(name, parameters.claims.room_config_json));
    if (!made.ok()) {
      callback(Unexpected{JoinError{503, std::string(made.status().message())}});
      return;
    }
  }
  const uint64_t handle = names_.find(name)->second;
  rooms_.at(handle).actor->Join(
      std::move(parameters), std::move(listener),
      [this, handle, &callback](const Expected<room::SessionId, room::JoinRefusal>& session) {
        if (session) {
          callback(std::optional<SessionPort>(SessionPort(*this, handle, *session)));
        } else {
          callback(Unexpected{ErrorFor(session.error())});
        }
      });
}

std::optional<JoinError> RoomShard::Validate(const room::JoinParameters& parameters) const {
  if (const std::optional<JoinError> error = Unavailable(parameters)) {
    return error;
  }
  const auto name = names_.find(parameters.claims.video->room);
  if (name != names_.end() &&
      IsFull(rooms_.at(name->second).actor->room(), parameters.claims.identity)) {
    return ErrorFor(room::JoinRefusal::kRoomFull);
  }
  return std::nullopt;
}

std::optional<JoinError> RoomShard::Unavailable(const room::JoinParameters& parameters) const {
  const auto name = names_.find(parameters.claims.video->room);
  if (name == names_.end()) {
    if (draining_) {
      return JoinError{503, kDraining};
    }
    if (!settings_.auto_create && !parameters.claims.video->room_create) {
      return JoinError{404, kNoSuchRoom};
    }
    return std::nullopt;
  }
  const Entry& entry = rooms_.at(name->second);
  if (!entry.worker) {
    return JoinError{503, kNoWorker};
  }
  return std::nullopt;
}

RoomActor* RoomShard::Find(uint64_t handle) {
  const auto found = rooms_.find(handle);
  return found == rooms_.end() ? nullptr : found->second.actor.get();
}

RoomActor* RoomShard::Find(std::string_view name) {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : Find(found->second);
}

absl::StatusOr<livekit::Room> RoomShard::CreateRoom(const livekit::CreateRoomRequest& request) {
  SFU_CHECK(loop().IsCurrent());
  if (const RoomActor* actor = Find(request.name())) {
    return actor->room().ToProto();
  }
  const absl::StatusOr<uint64_t> made = MakeRoom(request);
  if (!made.ok()) {
    return made.status();
  }
  return Find(*made)->room().ToProto();
}

void RoomShard::AppendRooms(std::vector<livekit::Room>& rooms) const {
  for (const auto& [name, handle] : names_) {
    rooms.push_back(rooms_.at(handle).actor->room().ToProto());
  }
}

absl::StatusOr<uint64_t> RoomShard::MakeRoom(const livekit::CreateRoomRequest& request) {
  if (draining_) {
    return absl::UnavailableError(kDraining);
  }
  const std::optional<WorkerPool::Choice> worker = surroundings_.workers.Choose();
  if (!worker) {
    return absl::UnavailableError(kNoWorker);
  }
  const uint64_t handle = ++made_ * settings_.count + settings_.index;
  SFU_CHECK(handle < uint64_t{1} << 32);
  Entry& entry = rooms_[handle];
  entry.name = request.name();
  entry.worker = worker->slot;
  names_[entry.name] = handle;
  entry.actor =
      std::make_unique<RoomActor>(surroundings_.actor, settings_.room_options, entry.name,
                                  room::RoomPlacement{.room = handle, .epoch = entry.epoch},
                                  *worker->link, [this, handle] { Remove(handle); });
  entry.actor->With(
      [&request](room::Room& room, room::Moment moment) { room.Configure(moment, request); });
  Claim(entry, worker->worker_id, handle);
  return handle;
}

void RoomShard::Claim(const Entry& entry, std::string_view worker_id, uint64_t handle) {
  surroundings_.directory.Claim(
      entry.name, {.controller_id = settings_.controller_id, .worker_id = std::string(worker_id)},
      [this, handle](const absl::StatusOr<directory::RoomLocation>& owner) {
        if (!owner.ok() || owner->controller_id == settings_.controller_id) {
          return;
        }
        // Two controllers made the room at one moment: the later one gives way.
        loop().Post([this, handle] {
          if (RoomActor* actor = Find(handle)) {
            log::Write(log::Level::kWarning, "room.owned_elsewhere", {{"handle", handle}});
            actor->With([](room::Room& room, room::Moment moment) {
              room.Close(moment, livekit::STATE_MISMATCH);
            });
          }
        });
      });
}

void RoomShard::Remove(uint64_t handle) {
  const auto found = rooms_.find(handle);
  SFU_CHECK(found != rooms_.end());
  surroundings_.directory.Release(found->second.name, settings_.controller_id);
  names_.erase(found->second.name);
  // Its own call is still on the stack.
  finished_.push_back(std::move(found->second.actor));
  rooms_.erase(found);
  loop().Post([this] { finished_.clear(); });
}

void RoomShard::HandleResult(const worker::v1::CommandResult& result) {
  if (RoomActor* actor = Find(result.request_id() >> 32)) {
    actor->With([&result](room::Room& room, room::Moment moment) {
      room.HandleWorkerResult(moment, result);
    });
  }
}

void RoomShard::HandleEvent(const worker::v1::RoomEvent& event) {
  if (RoomActor* actor = Find(event.room())) {
    actor->HandleWorkerEvent(event);
  }
}

void RoomShard::HandleRoomsLost(WorkerPool::Slot slot) {
  for (auto& [handle, entry] : rooms_) {
    if (entry.worker == slot) {
      entry.worker.reset();
    }
  }
  HandleWorkerAttached();
}

void RoomShard::HandleWorkerAttached() {
  // Moving may end a room, so the list is made first.
  std::vector<uint64_t> homeless;
  for (const auto& [handle, entry] : rooms_) {
    if (!entry.worker) {
      homeless.push_back(handle);
    }
  }
  for (const uint64_t handle : homeless) {
    if (!Move(handle, rooms_.at(handle))) {
      return;  // Nobody there; the next worker to attach takes them.
    }
  }
}

bool RoomShard::Move(uint64_t handle, Entry& entry) {
  const std::optional<WorkerPool::Choice> worker = surroundings_.workers.Choose();
  if (!worker) {
    return false;
  }
  log::Write(log::Level::kWarning, "room.moved",
             {{"room", Redacted(entry.name)}, {"workerID", log::Public(worker->worker_id)}});
  entry.worker = worker->slot;
  ++entry.epoch;
  Claim(entry, worker->worker_id, handle);
  entry.actor->MoveTo({.room = handle, .epoch = entry.epoch}, *worker->link);
  return true;
}

void RoomShard::CloseAll(livekit::DisconnectReason reason) {
  std::vector<uint64_t> handles;
  for (const auto& [handle, entry] : rooms_) {
    handles.push_back(handle);
  }
  for (const uint64_t handle : handles) {
    if (RoomActor* actor = Find(handle)) {
      actor->With([reason](room::Room& room, room::Moment moment) { room.Close(moment, reason); });
    }
  }
}

}  // namespace sfu::actor
