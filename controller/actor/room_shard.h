#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "controller/actor/join_reply.h"
#include "controller/actor/room_actor.h"
#include "controller/actor/worker_pool.h"
#include "controller/directory/room_directory.h"

namespace sfu::actor {

// The rooms of one loop. A room's name decides its shard, so that finding or making the one room
// of a name needs no lock. Everything happens on the loop; construct and destroy it there, too.
class RoomShard {
 public:
  struct Settings {
    // Room handles of shard i of n are i modulo n: what a worker sends finds its shard by number.
    uint64_t index = 0;
    uint64_t count = 1;
    bool auto_create = true;
    room::RoomOptions room_options;
    std::string controller_id;
  };
  struct Surroundings {
    RoomActor::Surroundings actor;
    directory::RoomDirectory& directory;
    WorkerPool& workers;
  };

  RoomShard(Settings settings, const Surroundings& surroundings);
  ~RoomShard();

  // --- Clients.
  void Join(room::JoinParameters parameters, std::shared_ptr<SignalListener> listener,
            JoinCallback callback);
  // What Join() would refuse, without joining.
  std::optional<JoinError> Validate(const room::JoinParameters& parameters) const;
  RoomActor* Find(uint64_t handle);

  // --- Server API.
  absl::StatusOr<livekit::Room> CreateRoom(const livekit::CreateRoomRequest& request);
  RoomActor* Find(std::string_view name);
  void AppendRooms(std::vector<livekit::Room>& rooms) const;

  // --- Workers.
  void HandleResult(const worker::v1::CommandResult& result);
  void HandleEvent(const worker::v1::RoomEvent& event);
  void HandleRoomsLost(WorkerPool::Slot slot);
  // A worker is there: rooms that lost theirs move.
  void HandleWorkerAttached();

  // From now on no room is made: joining one that is here goes on, and it may move.
  void Drain() { draining_ = true; }

  // Everybody is told to leave; the rooms are gone afterwards.
  void CloseAll(livekit::DisconnectReason reason);

  Loop& loop() { return surroundings_.actor.loop; }

 private:
  struct Entry {
    std::string name;
    std::optional<WorkerPool::Slot> worker;  // None: lost, and no other was there.
    uint64_t epoch = 1;
    std::unique_ptr<RoomActor> actor;
  };

  // Why nobody may join that room now.
  std::optional<JoinError> Unavailable(const room::JoinParameters& parameters) const;
  absl::StatusOr<uint64_t> MakeRoom(const livekit::CreateRoomRequest& request);
  void Remove(uint64_t handle);
  bool Move(uint64_t handle, Entry& entry);
  void Claim(const Entry& entry, std::string_view worker_id, uint64_t handle);

  const Settings settings_;
  const Surroundings surroundings_;
  std::map<std::string, uint64_t, std::less<>> names_;  // Open rooms.
  std::map<uint64_t, Entry> rooms_;
  std::vector<std::unique_ptr<RoomActor>> finished_;  // Destroyed a task later.
  uint64_t made_ = 0;
  bool draining_ = false;
};

}  // namespace sfu::actor
