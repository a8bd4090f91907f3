#include "controller/room/departures.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "controller/room/signal_messages.h"

namespace sfu::room {
namespace {

// Long enough for a client that connects anew to take its own place without others seeing it go.
constexpr absl::Duration kReturnGrace = absl::Seconds(10);

}  // namespace

void Departures::HandleLeave(Timestamp now, Member& member, const livekit::LeaveRequest& leave) {
  Disconnect(now, member, ReasonOfClientLeave(leave.reason()));
}

void Departures::HandleSignalClosed(Timestamp now, Member& member) {
  if (const std::optional<SessionId> session = member.signal.session()) {
    state_.members.ForgetSession(*session);
  }
  member.signal.Detach();
  // Without media it never was here: there is nothing to come back to.
  member.gone_at = member.media.connected() ? now + kReturnGrace : now;
}

void Departures::Disconnect(Timestamp now, Member& member, livekit::DisconnectReason reason) {
  Say(member, livekit::LeaveRequest::DISCONNECT, reason);
  state_.updates.Left(now, Remove(now, member, reason));
}

void Departures::Fail(Timestamp now, Member& member, livekit::DisconnectReason reason) {
  ++state_.counters.sessions_failed;
  Say(member, livekit::LeaveRequest::RECONNECT, reason);
  state_.updates.Left(now, Remove(now, member, reason));
}

void Departures::Replace(Timestamp now, Member& member) {
  Say(member, livekit::LeaveRequest::DISCONNECT, livekit::DUPLICATE_IDENTITY);
  state_.updates.Replaced(Remove(now, member, livekit::DUPLICATE_IDENTITY));
}

void Departures::CloseDown(Member& member, livekit::DisconnectReason reason) {
  Say(member, livekit::LeaveRequest::DISCONNECT, reason);
  for (const auto& track : member.tracks.tracks()) {
    if (track->live) {
      state_.outbox.Push(RoomFact(TrackUnpublished{member.participant.info(), track->info}));
    }
  }
  if (member.active()) {
    member.participant.SetDisconnected(reason);
    state_.outbox.Push(RoomFact(ParticipantLeft{member.participant.info()}));
  }
  state_.members.Remove(member.handle());
}

void Departures::Say(Member& member, livekit::LeaveRequest::Action action,
                     livekit::DisconnectReason reason) {
  if (const std::optional<SessionId> session = member.signal.session()) {
    member.signal.Send(MakeLeave(member.participant.client(), action, reason));
    member.signal.Close();
    state_.members.ForgetSession(*session);
  }
}

livekit::ParticipantInfo Departures::Remove(Timestamp now, Member& leaving,
                                            livekit::DisconnectReason reason) {
  const bool was_active = leaving.active();
  const std::unique_ptr<Member> member = state_.members.Remove(leaving.handle());
  publishing_.EndAll(now, *member);
  state_.speakers.Forget(member->handle());
  state_.qualities.Forget(member->handle());
  worker::v1::RoomCommand command;
  command.mutable_remove_participant()->set_participant(member->handle().value());
  state_.worker.Send(std::move(command));
  member->participant.SetDisconnected(reason);
  if (was_active) {
    state_.outbox.Push(RoomFact(ParticipantLeft{member->participant.info()}));
  }
  return member->participant.info();
}

void Departures::HandleTimeout(Timestamp now) {
  std::vector<std::pair<ParticipantHandle, livekit::DisconnectReason>> due;
  for (const auto& [handle, member] : state_.members) {
    if (now >= member->gone_at) {
      due.emplace_back(handle, livekit::SIGNAL_CLOSE);
    } else if (now >= member->join_limit) {
      due.emplace_back(handle, livekit::JOIN_FAILURE);
    }
  }
  for (const auto& [handle, reason] : due) {
    Disconnect(now, *state_.members.Find(handle), reason);
  }
}

Timestamp Departures::NextTimeout() const {
  Timestamp next = Timestamp::Never();
  for (const auto& [handle, member] : state_.members) {
    next = std::min({next, member->gone_at, member->join_limit});
  }
  return next;
}

}  // namespace sfu::room
