#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/expected.h"
#include "common/base/random.h"
#include "common/runtime/loop.h"
#include "common/time/clock.h"
#include "controller/actor/milestone_tracker.h"
#include "controller/actor/room_observer.h"
#include "controller/actor/signal_listener.h"
#include "controller/room/room.h"
#include "controller/worker_link/worker_link.h"

namespace sfu::actor {

// Runs one Room: gives it the time, performs its effects, in order. Decides nothing. Lives on its
// shard's loop.
class RoomActor {
 public:
  struct Surroundings {
    Loop& loop;
    Clock& clock;
    Random& random;
    RoomObserver& observer;
  };

  // `closed` is called once, on the loop, when the room is over; it may not destroy the actor
  // before it returns.
  RoomActor(const Surroundings& surroundings, room::RoomOptions options, std::string_view name,
            const room::RoomPlacement& placement, workerlink::WorkerLink& link,
            std::function<void()> closed);
  ~RoomActor();

  // Runs `use` with the room and performs what comes of it.
  template <typename Use>
  auto With(Use use) {
    struct Perform {
      RoomActor& actor;
      ~Perform() { actor.PerformEffects(); }
    } const perform{*this};
    return use(room_, Now());
  }

  // `joined` learns the outcome before the session's first response is on its way.
  using Joined = absl::AnyInvocable<void(Expected<room::SessionId, room::JoinRefusal>)>;
  void Join(room::JoinParameters parameters, std::shared_ptr<SignalListener> listener,
            Joined joined);
  void HandleRequest(room::SessionId session, const livekit::SignalRequest& request);
  void HandleSignalClosed(room::SessionId session);
  void HandleWorkerEvent(const worker::v1::RoomEvent& event);

  // The worker has lost the room; another (or the same, newly started) carries it from now on.
  void MoveTo(const room::RoomPlacement& placement, workerlink::WorkerLink& link);

  const room::Room& room() const { return room_; }

 private:
  void PerformEffects();
  void Perform(room::SendSignal effect);
  void Perform(const room::CloseSignal& effect);
  void Perform(room::SendWorkerCommand effect);
  void Perform(const room::RoomFact& effect);
  void Perform(const room::RoomClosed& effect);

  room::Moment Now() const;

  const Surroundings surroundings_;
  workerlink::WorkerLink* link_;
  const std::function<void()> closed_;
  room::Room room_;
  MilestoneTracker milestones_;
  const std::unique_ptr<LoopTimer> timer_;
  std::map<room::SessionId, std::shared_ptr<SignalListener>> listeners_;
  bool performing_ = false;
};

}  // namespace sfu::actor
