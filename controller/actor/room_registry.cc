#include "controller/actor/room_registry.h"

#include <functional>
#include <utility>

#include <fmt/format.h>

#include "common/runtime/secure_random.h"

namespace sfu::actor {

// A loop, what its rooms share, and the rooms.
class RoomRegistry::Shard {
 public:
  Shard(RoomShard::Settings settings, Clock& clock, RoomObserver& observer,
        directory::RoomDirectory& directory, WorkerPool& workers)
      : loop_(fmt::format("room-{}", settings.index)) {
    RunAndWait(loop_, [&] {
      rooms_ = std::make_unique<RoomShard>(std::move(settings),
                                           RoomShard::Surroundings{
                                               .actor = {loop_, clock, random_, observer},
                                               .directory = directory,
                                               .workers = workers,
                                           });
    });
  }
  ~Shard() { Stop(); }

  // `use` takes RoomShard&. Dropped unrun once the shard has stopped: workers go on answering for a
  // moment after that.
  template <typename Use>
  void Post(Use use) {
    loop_.Post([this, use = std::move(use)]() mutable {
      if (rooms_ != nullptr) {
        use(*rooms_);
      }
    });
  }

  void Stop() {
    RunAndWait(loop_, [this] { rooms_.reset(); });
    loop_.Stop();
  }

  Loop& loop() { return loop_; }
  RoomShard& rooms() { return *rooms_; }

 private:
  SecureRandom random_;
  AsioLoop loop_;
  std::unique_ptr<RoomShard> rooms_;  // On `loop_`.
};

RoomRegistry::RoomRegistry(Options options, Clock& clock, RoomObserver& observer,
                           directory::RoomDirectory& directory, WorkerPool& workers)
    : clock_(clock) {
  for (size_t index = 0; index < options.loops; ++index) {
    RoomShard::Settings settings = {.index = index,
                                    .count = options.loops,
                                    .auto_create = options.auto_create,
                                    .room_options = options.room_options,
                                    .controller_id = options.controller_id};
    shards_.push_back(
        std::make_unique<Shard>(std::move(settings), clock, observer, directory, workers));
  }
  workers.SetHandlers({
      .result =
          [this](worker::v1::CommandResult result) {
            const uint64_t room = result.request_id() >> 32;
            shards_[room % shards_.size()]->Post(
                [result = std::move(result)](RoomShard& rooms) { rooms.HandleResult(result); });
          },
      .event =
          [this](worker::v1::RoomEvent event) {
            const uint64_t room = event.room();
            shards_[room % shards_.size()]->Post(
                [event = std::move(event)](RoomShard& rooms) { rooms.HandleEvent(event); });
          },
      .attached =
          [this](WorkerPool::Slot) {
            for (const std::unique_ptr<Shard>& shard : shards_) {
              shard->Post([](RoomShard& rooms) { rooms.HandleWorkerAttached(); });
            }
          },
      .rooms_lost =
          [this](WorkerPool::Slot slot) {
            for (const std::unique_ptr<Shard>& shard : shards_) {
              shard->Post([slot](RoomShard& rooms) { rooms.HandleRoomsLost(slot); });
            }
          },
  });
}

RoomRegistry::~RoomRegistry() = default;

void RoomRegistry::Join(room::JoinParameters parameters, std::shared_ptr<SignalListener> listener,
                        JoinCallback callback) {
  Shard& shard = ShardFor(parameters.claims.video->room);
  shard.Post([parameters = std::move(parameters), listener = std::move(listener),
              callback = std::move(callback)](RoomShard& rooms) mutable {
    rooms.Join(std::move(parameters), std::move(listener), std::move(callback));
  });
}

void RoomRegistry::Validate(room::JoinParameters parameters,
                            absl::AnyInvocable<void(std::optional<JoinError>)> callback) {
  Shard& shard = ShardFor(parameters.claims.video->room);
  shard.Post([parameters = std::move(parameters), callback = std::move(callback)](
                 RoomShard& rooms) mutable { callback(rooms.Validate(parameters)); });
}

void RoomRegistry::CreateRoom(livekit::CreateRoomRequest request,
                              absl::AnyInvocable<void(absl::StatusOr<livekit::Room>)> callback) {
  Shard& shard = ShardFor(request.name());
  shard.Post([request = std::move(request), callback = std::move(callback)](
                 RoomShard& rooms) mutable { callback(rooms.CreateRoom(request)); });
}

void RoomRegistry::ListRooms(absl::AnyInvocable<void(std::vector<livekit::Room>)> callback) {
  // From shard to shard, each adding its own; the last one answers.
  struct Round {
    std::vector<livekit::Room> rooms;
    absl::AnyInvocable<void(std::vector<livekit::Room>)> callback;
    std::function<void(size_t)> visit;
  };
  auto round = std::make_shared<Round>();
  round->callback = std::move(callback);
  round->visit = [this, weak = std::weak_ptr<Round>(round)](size_t index) {
    shards_[index]->Post([this, index, round = weak.lock()](RoomShard& rooms) {
      rooms.AppendRooms(round->rooms);
      if (index + 1 < shards_.size()) {
        round->visit(index + 1);
      } else {
        round->callback(std::move(round->rooms));
      }
    });
  };
  round->visit(0);
}

void RoomRegistry::WithRoom(std::string name,
                            absl::AnyInvocable<void(room::Room*, room::Moment)> use) {
  Shard& shard = ShardFor(name);
  shard.Post(
      [this, &shard, name = std::move(name), use = std::move(use)](RoomShard& rooms) mutable {
        if (RoomActor* actor = rooms.Find(name)) {
          actor->With([&use](room::Room& room, room::Moment moment) { use(&room, moment); });
        } else {
          use(nullptr, {.now = shard.loop().Now(), .wall = clock_.WallNow()});
        }
      });
}

void RoomRegistry::Drain() {
  for (const std::unique_ptr<Shard>& shard : shards_) {
    shard->Post([](RoomShard& rooms) { rooms.Drain(); });
  }
}

void RoomRegistry::CloseAll(livekit::DisconnectReason reason) {
  for (const std::unique_ptr<Shard>& shard : shards_) {
    RunAndWait(shard->loop(), [&] { shard->rooms().CloseAll(reason); });
  }
}

void RoomRegistry::Stop() {
  for (const std::unique_ptr<Shard>& shard : shards_) {
    shard->Stop();
  }
}

RoomRegistry::Shard& RoomRegistry::ShardFor(std::string_view room_name) {
  return *shards_[std::hash<std::string_view>()(room_name) % shards_.size()];
}

}  // namespace sfu::actor
