#include "controller/room/departures.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "controller/room/client_traits.h"
#include "controller/room/signal_messages.h"

namespace sfu::room {
namespace {

// Without media and without a word for so long, a client will not come back.
constexpr absl::Duration kResumeLimit = absl::Seconds(5);
// Clients that resume wait 15 s for their peer connections, and connect anew if that was in vain.
constexpr absl::Duration kRestartLimit = absl::Seconds(20);

}  // namespace

void Departures::HandleLeave(Timestamp now, Member& member, const livekit::LeaveRequest& leave) {
  Disconnect(now, member, ReasonOfClientLeave(leave.reason()));
}

void Departures::HandleSignalClosed(Timestamp now, Member& member) {
  if (const std::optional<SessionId> session = member.signal.session()) {
    state_.members.ForgetSession(*session);
  }
  member.signal.Detach();
  if (!member.media.connected()) {
    member.gone_at = now;
  } else if (member.media_lost) {
    member.gone_at = std::min(member.gone_at, now + kResumeLimit);
  }
}

void Departures::HandleResumed(Timestamp now, Member& member) {
  member.gone_at = member.media_lost ? now + kRestartLimit : Timestamp::Never();
}

void Departures::HandleMediaLost(Timestamp now, Member& member) {
  if (!member.media.connected()) {
    Fail(now, member, livekit::CONNECTION_TIMEOUT);  // Nothing that ICE could restart.
    return;
  }
  member.media_lost = true;
  member.gone_at = now + kResumeLimit;
  if (const std::optional<SessionId> session = member.signal.session()) {
    // Older clients know no such Leave; they miss our messages and come back on their own.
    if (KnowsLeaveAction(member.participant.client())) {
      member.signal.Send(MakeLeave(member.participant.client(), livekit::LeaveRequest::RESUME,
                                   livekit::CONNECTION_TIMEOUT));
    }
    member.signal.Close();
    state_.members.ForgetSession(*session);
  }
}

void Departures::HandleMediaRecovered(Member& member) {
  if (member.media_lost && member.media.FailsAt() == Timestamp::Never()) {
    member.media_lost = false;
    member.gone_at = Timestamp::Never();
  }
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
  std::vector<ParticipantHandle> media_lost;
  for (const auto& [handle, member] : state_.members) {
    if (now >= member->gone_at) {
      due.emplace_back(handle,
                       member->media_lost ? livekit::CONNECTION_TIMEOUT : livekit::SIGNAL_CLOSE);
    } else if (now >= member->join_limit) {
      due.emplace_back(handle, livekit::JOIN_FAILURE);
    } else if (!member->media_lost && now >= member->media.FailsAt()) {
      media_lost.push_back(handle);
    }
  }
  for (const ParticipantHandle handle : media_lost) {
    HandleMediaLost(now, *state_.members.Find(handle));
  }
  for (const auto& [handle, reason] : due) {
    Member& member = *state_.members.Find(handle);
    // One that has resumed in vain may still try anew.
    member.media_lost ? Fail(now, member, reason) : Disconnect(now, member, reason);
  }
}

Timestamp Departures::NextTimeout() const {
  Timestamp next = Timestamp::Never();
  for (const auto& [handle, member] : state_.members) {
    next = std::min({next, member->gone_at, member->join_limit});
    if (!member->media_lost) {
      next = std::min(next, member->media.FailsAt());
    }
  }
  return next;
}

}  // namespace sfu::room
