#include "controller/room/room.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "controller/negotiation/candidate_init.h"
#include "controller/room/admission.h"
#include "controller/room/departures.h"
#include "controller/room/moderation.h"
#include "controller/room/publishing.h"
#include "controller/room/refresh_token.h"
#include "controller/room/resumption.h"
#include "controller/room/room_lifecycle.h"
#include "controller/room/room_state.h"
#include "controller/room/signal_messages.h"
#include "controller/room/subscribing.h"
#include "controller/room/unserved_requests.h"

namespace sfu::room {

using livekit::RequestResponse;
using livekit::SignalRequest;
using sfu::worker::v1::CommandResult;
using sfu::worker::v1::RoomCommand;
using sfu::worker::v1::RoomEvent;

struct Room::Parts {
  Parts(RoomOptions options, std::string_view name, const RoomPlacement& placement, Random& random,
        Moment moment)
      : state(std::move(options), name, placement.room, placement.epoch, random, moment.wall),
        lifecycle(moment.now) {}

  RoomState state;
  Subscribing subscribing{state};
  Publishing publishing{state, subscribing};
  Departures departures{state, publishing};
  Admission admission{state, publishing, subscribing, departures};
  Resumption resumption{state, publishing, subscribing, departures};
  Moderation moderation{state, publishing, subscribing};
  RoomLifecycle lifecycle;
  // Where the room is to live from the next join on; nullopt while a worker has it.
  std::optional<RoomPlacement> next_placement;
};

Room::Room(RoomOptions options, std::string_view name, const RoomPlacement& placement,
           Random& random, Moment moment) {
  SFU_CHECK(placement.room < uint64_t{1} << 32);
  parts_ = std::make_unique<Parts>(std::move(options), name, placement, random, moment);
  ConfigureAtWorker();
}

Room::~Room() = default;

void Room::ConfigureAtWorker() {
  RoomCommand command;
  *command.mutable_configure_room()->mutable_audio_levels() = parts_->state.options.audio_levels;
  parts_->state.worker.Send(std::move(command));
}

Expected<SessionId, JoinRefusal> Room::Join(Moment moment, JoinParameters parameters) {
  if (closed_) {
    return Unexpected{JoinRefusal::kRoomClosed};
  }
  if (parameters.reconnect) {
    const SessionId session = parts_->resumption.Resume(moment, parameters);
    Settle(moment);
    return session;
  }
  if (const auto placement = std::exchange(parts_->next_placement, std::nullopt)) {
    parts_->state.worker.Attach(placement->room, placement->epoch);
    ConfigureAtWorker();
  }
  Expected<SessionId, JoinRefusal> session = parts_->admission.Join(moment, std::move(parameters));
  Settle(moment);
  return session;
}

void Room::HandleRequest(Moment moment, SessionId session, const SignalRequest& request) {
  Member* member = parts_->state.members.FindBySession(session);
  if (member == nullptr) {
    ++parts_->state.counters.requests_of_strangers;
    return;
  }
  HandleKnownRequest(moment, *member, request);
  Settle(moment);
}

void Room::HandleKnownRequest(Moment moment, Member& member, const SignalRequest& request) {
  Parts& parts = *parts_;
  switch (request.message_case()) {
    case SignalRequest::kOffer:
      return parts.publishing.HandleOffer(moment, member, request.offer());
    case SignalRequest::kAnswer:
      if (!member.media.HandleAnswer(moment.now, request.answer())) {
        member.failure = livekit::STATE_MISMATCH;
        return;
      }
      return parts.subscribing.TakeRefusals(moment.now, member);
    case SignalRequest::kTrickle:
      // The worker learns a client's addresses from its checks; only nonsense needs an answer.
      if (!negotiation::ParseCandidateInit(request.trickle().candidateinit())) {
        RequestResponse response = MakeRequestResponse(RequestResponse::UNCLASSIFIED_ERROR);
        *response.mutable_trickle() = request.trickle();
        Respond(member, std::move(response));
      }
      return;
    case SignalRequest::kAddTrack:
      return parts.publishing.HandleAddTrack(moment, member, request.add_track());
    case SignalRequest::kMute:
      return parts.publishing.HandleMute(moment, member, request.mute());
    case SignalRequest::kSubscription:
      return parts.subscribing.HandleUpdate(moment.now, member, request.subscription());
    case SignalRequest::kTrackSetting:
      return parts.subscribing.HandleSettings(member, request.track_setting());
    case SignalRequest::kLeave:
      return parts.departures.HandleLeave(moment.now, member, request.leave());
    case SignalRequest::kSubscriptionPermission:
      if (member.viewers.Replace(request.subscription_permission())) {
        parts.subscribing.HandleViewersChanged(moment.now, member);
      }
      return;
    case SignalRequest::kSyncState:
      return parts.resumption.HandleSyncState(moment, member, request.sync_state());
    case SignalRequest::kUpdateMetadata:
      return parts.moderation.HandleUpdateMetadata(moment, member, request.update_metadata());
    case SignalRequest::kUpdateAudioTrack:
      return parts.publishing.HandleAudioUpdate(moment, member, request.update_audio_track());
    case SignalRequest::kUpdateVideoTrack:
      return parts.publishing.HandleVideoUpdate(moment, member, request.update_video_track());
    default:
      return RefuseUnserved(member, request, parts.state.counters);
  }
}

void Room::HandleSignalClosed(Moment moment, SessionId session) {
  if (Member* member = parts_->state.members.FindBySession(session)) {
    parts_->departures.HandleSignalClosed(moment.now, *member);
    Settle(moment);
  }
}

void Room::HandleWorkerResult(Moment moment, const CommandResult& result) {
  const std::optional<ParticipantHandle> owner =
      parts_->state.worker.TakeOwner(result.request_id());
  Member* member = owner ? parts_->state.members.Find(*owner) : nullptr;
  if (member == nullptr) {
    return;
  }
  if (!member->media.HandleResult(moment.now, result)) {
    member->failure = livekit::STATE_MISMATCH;
  }
  parts_->subscribing.TakeRefusals(moment.now, *member);
  Settle(moment);
}

void Room::HandleWorkerEvent(Moment moment, const RoomEvent& event) {
  Parts& parts = *parts_;
  switch (event.event_case()) {
    case RoomEvent::kTransportState:
      HandleTransportState(moment, event.transport_state());
      break;
    case RoomEvent::kTrackStarted:
      parts.publishing.HandleTrackStarted(moment, event.track_started());
      break;
    case RoomEvent::kSpeakersChanged:
      parts.state.speakers.HandleChanged(event.speakers_changed(), parts.state.members);
      break;
    case RoomEvent::kConnectionQualities:
      parts.state.qualities.HandleChanged(event.connection_qualities(), parts.state.members);
      break;
    case RoomEvent::kSubscriptionActive:
      parts.subscribing.HandleActive(SenderHandle(event.subscription_active().sender()));
      break;
    case RoomEvent::kDataChannelsOpen:
    case RoomEvent::EVENT_NOT_SET:
      break;
  }
  Settle(moment);
}

void Room::HandleTransportState(Moment moment, const sfu::worker::v1::TransportState& state) {
  Member* member = parts_->state.members.Find(OwnerOf(state.transport()));
  if (member == nullptr) {
    return;
  }
  if (member->media.HandleTransportState(moment.now, state)) {
    parts_->admission.HandleConnected(moment, *member);
  }
  parts_->departures.HandleMediaRecovered(*member);
}

void Room::HandleWorkerLost(Moment moment, const RoomPlacement& placement) {
  SFU_CHECK(placement.room < uint64_t{1} << 32);
  Parts& parts = *parts_;
  parts.state.worker.Detach();
  for (const auto& [handle, member] : parts.state.members) {
    member->failure = livekit::STATE_MISMATCH;
  }
  parts.next_placement = placement;
  Settle(moment);
}

void Room::HandleTimeout(Moment moment) {
  if (closed_) {
    return;
  }
  Parts& parts = *parts_;
  for (const auto& [handle, member] : parts.state.members) {
    if (!member->media.HandleTimeout(moment.now)) {
      member->failure = livekit::STATE_MISMATCH;
    }
    if (moment.now >= member->refresh_due) {
      SendRefreshToken(moment, *member, parts.state.options);
    }
  }
  parts.subscribing.HandleTimeout(moment.now);
  parts.departures.HandleTimeout(moment.now);
  Settle(moment);
  if (moment.now >= parts.lifecycle.ClosesAt(parts.state.info.empty_timeout(),
                                             parts.state.info.departure_timeout())) {
    Close(moment, livekit::ROOM_CLOSED);
  }
}

Timestamp Room::NextTimeout() const {
  if (closed_) {
    return Timestamp::Never();
  }
  const Parts& parts = *parts_;
  Timestamp next = std::min({parts.subscribing.NextTimeout(), parts.departures.NextTimeout(),
                             parts.state.updates.NextTimeout(), parts.state.info.NextTimeout(),
                             parts.lifecycle.ClosesAt(parts.state.info.empty_timeout(),
                                                      parts.state.info.departure_timeout())});
  for (const auto& [handle, member] : parts.state.members) {
    next = std::min({next, member->media.NextTimeout(), member->refresh_due});
  }
  return next;
}

void Room::Settle(Moment moment) {
  if (closed_) {
    return;
  }
  Parts& parts = *parts_;
  std::vector<ParticipantHandle> failed;
  for (const auto& [handle, member] : parts.state.members) {
    if (member->failure) {
      failed.push_back(handle);
    }
  }
  for (const ParticipantHandle handle : failed) {
    Member& member = *parts.state.members.Find(handle);
    parts.departures.Fail(moment.now, member, *member.failure);
  }
  parts.departures.HandleTimeout(moment.now);
  parts.state.updates.HandleTimeout(moment.now);

  const uint32_t participants = parts.state.members.CountIndependent();
  parts.lifecycle.HandleOccupancy(moment.now, participants > 0);
  parts.state.info.SetCounts(moment.now, participants, parts.state.members.CountPublishers());
  parts.state.info.SetRecording(
      std::any_of(parts.state.members.begin(), parts.state.members.end(),
                  [](const auto& member) { return member.second->participant.recorder(); }));
  if (parts.state.info.TakeUpdate(moment.now)) {
    SendRoomUpdate();
  }
}

void Room::SendRoomUpdate() {
  livekit::SignalResponse response;
  *response.mutable_room_update()->mutable_room() = parts_->state.info.proto();
  for (const auto& [handle, member] : parts_->state.members) {
    member->signal.Send(response);
  }
}

Expected<livekit::ParticipantInfo, ApiRefusal> Room::RemoveParticipant(Moment moment,
                                                                       std::string_view identity) {
  Member* member = parts_->state.members.FindByIdentity(identity);
  if (member == nullptr) {
    return Unexpected{ApiRefusal::kParticipantNotFound};
  }
  livekit::ParticipantInfo info = member->Info();
  parts_->departures.Disconnect(moment.now, *member, livekit::PARTICIPANT_REMOVED);
  Settle(moment);
  return info;
}

void Room::Configure(Moment moment, const livekit::CreateRoomRequest& request) {
  parts_->state.info.Configure(request);
  Settle(moment);
}

void Room::Close(Moment, livekit::DisconnectReason reason) {
  if (closed_) {
    return;
  }
  std::vector<ParticipantHandle> everybody;
  for (const auto& [handle, member] : parts_->state.members) {
    everybody.push_back(handle);
  }
  // Before the first one goes, or the rest would be told of each departure.
  closed_ = true;
  for (const ParticipantHandle handle : everybody) {
    parts_->departures.CloseDown(*parts_->state.members.Find(handle), reason);
  }
  RoomCommand command;
  command.mutable_close_room();
  parts_->state.worker.Send(std::move(command));
  parts_->state.outbox.Push(RoomClosed{});
}

void Room::UpdateMetadata(Moment moment, std::string_view metadata) {
  parts_->state.info.SetMetadata(metadata);
  Settle(moment);
}

Expected<livekit::ParticipantInfo, ApiRefusal> Room::UpdateParticipant(
    Moment moment, const livekit::UpdateParticipantRequest& request) {
  auto result = parts_->moderation.UpdateParticipant(moment, request);
  Settle(moment);
  return result;
}

Expected<std::optional<livekit::TrackInfo>, ApiRefusal> Room::MutePublishedTrack(
    Moment moment, std::string_view identity, std::string_view track_sid, bool muted) {
  auto result = parts_->moderation.MutePublishedTrack(moment, identity, track_sid, muted);
  Settle(moment);
  return result;
}

Expected<livekit::ParticipantInfo, ApiRefusal> Room::UpdateSubscriptions(
    Moment moment, const livekit::UpdateSubscriptionsRequest& request) {
  auto result = parts_->moderation.UpdateSubscriptions(moment, request);
  Settle(moment);
  return result;
}

void Room::SendData(Moment moment, const livekit::SendDataRequest& request) {
  parts_->moderation.SendData(request);
  Settle(moment);
}

livekit::Room Room::ToProto() const { return parts_->state.info.proto(); }

std::vector<livekit::ParticipantInfo> Room::Participants() const {
  std::vector<livekit::ParticipantInfo> infos;
  for (const auto& [handle, member] : parts_->state.members) {
    infos.push_back(member->Info());
  }
  return infos;
}

std::optional<livekit::ParticipantInfo> Room::FindParticipant(std::string_view identity) const {
  const Member* member = parts_->state.members.FindByIdentity(identity);
  return member == nullptr ? std::nullopt : std::optional(member->Info());
}

const RoomCounters& Room::counters() const { return parts_->state.counters; }

std::optional<Effect> Room::PollEffect() { return parts_->state.outbox.Poll(); }

}  // namespace sfu::room
