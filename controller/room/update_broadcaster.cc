#include "controller/room/update_broadcaster.h"

#include <algorithm>
#include <utility>

#include <absl/time/time.h>

#include "controller/room/client_traits.h"

namespace sfu::room {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(3);
constexpr size_t kChunkBytes = 128 * 1024;

}  // namespace

std::vector<livekit::SignalResponse> MakeUpdates(
    const std::vector<livekit::ParticipantInfo>& infos) {
  std::vector<livekit::SignalResponse> updates;
  size_t bytes = 0;
  for (const livekit::ParticipantInfo& info : infos) {
    const size_t info_bytes = info.ByteSizeLong();
    if (updates.empty() || bytes + info_bytes > kChunkBytes) {
      updates.emplace_back();
      bytes = 0;
    }
    *updates.back().mutable_update()->add_participants() = info;
    bytes += info_bytes;
  }
  return updates;
}

void UpdateBroadcaster::ChangedNow(Member& member) {
  if (member.participant.hidden()) {
    for (livekit::SignalResponse& update : MakeUpdates({member.Info()})) {
      member.signal.Send(std::move(update));
    }
    return;
  }
  Forget(member.handle());
  SendToAll({member.Info()});
}

void UpdateBroadcaster::Changed(Timestamp now, Member& member) {
  if (member.participant.hidden() || member.participant.is_publisher()) {
    ChangedNow(member);
  } else {
    Enqueue(now, {.handle = member.handle(),
                  .departed = std::nullopt,
                  .identity = member.participant.identity()});
  }
}

void UpdateBroadcaster::Left(Timestamp now, const livekit::ParticipantInfo& info) {
  if (info.permission().hidden()) {
    return;
  }
  departures_.Add(now, info);
  if (info.is_publisher()) {
    SendToAll({info});
  } else {
    Enqueue(now, {.handle = ParticipantHandle(0), .departed = info, .identity = info.identity()});
  }
}

void UpdateBroadcaster::Replaced(const livekit::ParticipantInfo& info) {
  if (info.permission().hidden()) {
    return;
  }
  livekit::SignalResponse response;
  *response.mutable_update()->add_participants() = info;
  for (const auto& [handle, member] : members_) {
    if (!UnderstandsReplacement(member->participant.client())) {
      member->signal.Send(response);
    }
  }
}

void UpdateBroadcaster::CatchUp(Member& member) {
  std::vector<livekit::ParticipantInfo> here = {member.Info()};
  for (const auto& [handle, other] : members_) {
    if (other.get() != &member && !other->participant.hidden()) {
      here.push_back(other->Info());
    }
  }
  for (const std::vector<livekit::ParticipantInfo>& infos : {MissedDepartures(member), here}) {
    for (livekit::SignalResponse& update : MakeUpdates(infos)) {
      member.signal.Send(std::move(update));
    }
  }
}

// Clients look up whom a departure concerns by its identity, so those of somebody who is here again
// stay out: to learn of another SID is to learn of the departure.
std::vector<livekit::ParticipantInfo> UpdateBroadcaster::MissedDepartures(
    const Member& member) const {
  if (!KnowsMissedDepartures(member.participant.client())) {
    return {};
  }
  std::vector<livekit::ParticipantInfo> missed = departures_.Since(member.here_since);
  std::erase_if(missed, [&](const livekit::ParticipantInfo& info) {
    const Member* again = members_.FindByIdentity(info.identity());
    return again != nullptr && (again == &member || !again->participant.hidden());
  });
  return missed;
}

void UpdateBroadcaster::FlushDeparture(std::string_view identity) {
  std::vector<livekit::ParticipantInfo> departed;
  for (const Waiting& waiting : waiting_) {
    if (waiting.departed && waiting.identity == identity) {
      departed.push_back(*waiting.departed);
    }
  }
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    return waiting.departed && waiting.identity == identity;
  });
  SendToAll(departed);
}

void UpdateBroadcaster::Enqueue(Timestamp now, Waiting waiting) {
  if (!waiting.departed) {
    Forget(waiting.handle);
  }
  waiting_.push_back(std::move(waiting));
  if (flush_due_ == Timestamp::Never()) {
    // The first after a quiet time need not wait for others.
    flush_due_ = last_flush_ ? std::max(now, *last_flush_ + kInterval) : now;
  }
}

void UpdateBroadcaster::Forget(ParticipantHandle handle) {
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    return !waiting.departed && waiting.handle == handle;
  });
}

void UpdateBroadcaster::HandleTimeout(Timestamp now) {
  if (now < flush_due_) {
    return;
  }
  flush_due_ = Timestamp::Never();
  last_flush_ = now;
  std::vector<livekit::ParticipantInfo> infos;
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    if (waiting.departed) {
      infos.push_back(std::move(*waiting.departed));
    } else if (const Member* member = members_.Find(waiting.handle)) {
      infos.push_back(member->Info());
    }
  }
  SendToAll(infos);
}

void UpdateBroadcaster::SendToAll(const std::vector<livekit::ParticipantInfo>& infos) {
  for (const livekit::SignalResponse& update : MakeUpdates(infos)) {
    for (const auto& [handle, member] : members_) {
      member->signal.Send(update);
    }
  }
}

}  // namespace sfu::room
