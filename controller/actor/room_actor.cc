#include "controller/actor/room_actor.h"

#include <utility>
#include <variant>

#include "common/base/check.h"

namespace sfu::actor {

RoomActor::RoomActor(const Surroundings& surroundings, room::RoomOptions options,
                     std::string_view name, const room::RoomPlacement& placement,
                     workerlink::WorkerLink& link, std::function<void()> closed)
    : surroundings_(surroundings),
      link_(&link),
      closed_(std::move(closed)),
      room_(std::move(options), name, placement, surroundings.random, Now()),
      milestones_(surroundings.observer),
      timer_(surroundings.loop.CreateTimer([this] {
        With([](room::Room& room, room::Moment moment) { room.HandleTimeout(moment); });
      })) {
  surroundings_.observer.HandleRoomStarted(room_.ToProto());
  PerformEffects();
}

RoomActor::~RoomActor() {
  SFU_CHECK(surroundings_.loop.IsCurrent());
  for (const auto& [session, listener] : listeners_) {
    listener->HandleClose();
  }
}

void RoomActor::Join(room::JoinParameters parameters, std::shared_ptr<SignalListener> listener,
                     Joined joined) {
  With([&](room::Room& room, room::Moment moment) {
    const livekit::ClientInfo client = parameters.client;
    const Expected<room::SessionId, room::JoinRefusal> session =
        room.Join(moment, std::move(parameters));
    if (session) {
      milestones_.HandleJoined(*session, client);
      listeners_[*session] = std::move(listener);
    }
    joined(session);
  });
}

void RoomActor::HandleRequest(room::SessionId session, const livekit::SignalRequest& request) {
  With(
      [&](room::Room& room, room::Moment moment) { room.HandleRequest(moment, session, request); });
}

void RoomActor::HandleSignalClosed(room::SessionId session) {
  listeners_.erase(session);
  milestones_.HandleSignalClosed(session);
  With([&](room::Room& room, room::Moment moment) { room.HandleSignalClosed(moment, session); });
}

void RoomActor::HandleWorkerEvent(const worker::v1::RoomEvent& event) {
  With([&](room::Room& room, room::Moment moment) {
    milestones_.HandleWorkerEvent(moment.now, event);
    room.HandleWorkerEvent(moment, event);
  });
}

void RoomActor::MoveTo(const room::RoomPlacement& placement, workerlink::WorkerLink& link) {
  link_ = &link;
  With([&](room::Room& room, room::Moment moment) { room.HandleWorkerLost(moment, placement); });
}

void RoomActor::PerformEffects() {
  SFU_CHECK(!performing_);  // Effects are performed by posting: none leads back here.
  performing_ = true;
  while (std::optional<room::Effect> effect = room_.PollEffect()) {
    std::visit([this](auto&& one) { Perform(std::move(one)); }, *std::move(effect));
  }
  performing_ = false;
  timer_->WakeAt(room_.NextTimeout());
}

void RoomActor::Perform(room::SendSignal effect) {
  milestones_.HandleResponse(surroundings_.loop.Now(), effect.session, effect.response);
  if (const auto found = listeners_.find(effect.session); found != listeners_.end()) {
    found->second->HandleResponse(std::move(effect.response));
  }
}

void RoomActor::Perform(const room::CloseSignal& effect) {
  milestones_.HandleSessionEnded(effect.session);
  if (const auto found = listeners_.find(effect.session); found != listeners_.end()) {
    const std::shared_ptr<SignalListener> listener = std::move(found->second);
    listeners_.erase(found);
    listener->HandleClose();
  }
}

void RoomActor::Perform(room::SendWorkerCommand effect) {
  milestones_.HandleCommand(surroundings_.loop.Now(), effect.command);
  link_->Send(std::move(effect.command));
}

void RoomActor::Perform(const room::RoomFact& effect) {
  milestones_.HandleFact(surroundings_.loop.Now(), effect);
  surroundings_.observer.HandleFact(room_.ToProto(), effect);
}

void RoomActor::Perform(const room::RoomClosed&) {
  surroundings_.observer.HandleRoomFinished(room_.ToProto());
  closed_();
}

room::Moment RoomActor::Now() const {
  return {.now = surroundings_.loop.Now(), .wall = surroundings_.clock.WallNow()};
}

}  // namespace sfu::actor
