#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "common/runtime/asio_loop.h"
#include "controller/actor/room_shard.h"

namespace sfu::actor {

// All rooms of this controller, over the loops they live on. Thread-safe: calls post to the loop
// of the room in question, and callbacks run there. After Stop() nothing runs any more, and
// callbacks may be dropped unrun.
class RoomRegistry {
 public:
  struct Options {
    size_t loops = 1;
    bool auto_create = true;
    room::RoomOptions room_options;
    std::string controller_id;
  };

  // All must outlive the registry. Registers itself with the pool.
  RoomRegistry(Options options, Clock& clock, RoomObserver& observer,
               directory::RoomDirectory& directory, WorkerPool& workers);
  ~RoomRegistry();

  void Join(room::JoinParameters parameters, std::shared_ptr<SignalListener> listener,
            JoinCallback callback);
  void Validate(room::JoinParameters parameters,
                absl::AnyInvocable<void(std::optional<JoinError>)> callback);

  // Idempotent by name: a room that is there is answered as it is, whatever the request says
  // (server API contract, section 2.2).
  void CreateRoom(livekit::CreateRoomRequest request,
                  absl::AnyInvocable<void(absl::StatusOr<livekit::Room>)> callback);
  void ListRooms(absl::AnyInvocable<void(std::vector<livekit::Room>)> callback);
  // nullptr when there is no such room. What the room wants done afterwards is done.
  void WithRoom(std::string name, absl::AnyInvocable<void(room::Room*, room::Moment)> use);

  // From now on no room is made; those that are here go on until they are empty.
  void Drain();

  // Tells everybody to leave and ends all rooms. What the clients are told is on its way to their
  // connections when this returns.
  void CloseAll(livekit::DisconnectReason reason);
  void Stop();

 private:
  class Shard;

  Shard& ShardFor(std::string_view room_name);

  Clock& clock_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace sfu::actor
