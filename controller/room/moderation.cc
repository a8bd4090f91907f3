#include "controller/room/moderation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "controller/room/admission.h"
#include "controller/room/refresh_token.h"
#include "controller/room/signal_messages.h"

namespace sfu::room {
namespace {

using ProfileRefusal = Participant::ProfileRefusal;
using livekit::RequestResponse;

// Enough to see a retry of the caller's, which comes within seconds.
constexpr size_t kMaxNonces = 1000;

std::optional<ApiRefusal> ToApiRefusal(ProfileRefusal refusal) {
  switch (refusal) {
    case ProfileRefusal::kNone:
      return std::nullopt;
    case ProfileRefusal::kNameTooLong:
      return ApiRefusal::kNameTooLong;
    case ProfileRefusal::kMetadataTooLong:
      return ApiRefusal::kMetadataTooLong;
    case ProfileRefusal::kAttributesTooLong:
      return ApiRefusal::kAttributesTooLong;
  }
  return std::nullopt;
}

}  // namespace

void Moderation::HandleUpdateMetadata(Moment moment, Member& member,
                                      const livekit::UpdateParticipantMetadata& request) {
  RequestResponse response = MakeRequestResponse(RequestResponse::OK);
  response.set_request_id(request.request_id());
  if (!member.participant.permission().can_update_metadata()) {
    response.set_reason(RequestResponse::NOT_ALLOWED);
    response.set_message("does not have permission to update own metadata");
  } else if (member.participant.UpdateProfile(request.name(), request.metadata(),
                                              request.attributes(),
                                              state_.options.limits) != ProfileRefusal::kNone) {
    response.set_reason(RequestResponse::LIMIT_EXCEEDED);
  } else {
    state_.updates.ChangedNow(member);
  }
  const bool done = response.reason() == RequestResponse::OK;
  if (!done) {
    *response.mutable_update_metadata() = request;
  }
  Respond(member, std::move(response));
  if (done) {
    SendRefreshToken(moment, member, state_.options);
  }
}

Expected<livekit::ParticipantInfo, ApiRefusal> Moderation::UpdateParticipant(
    Moment moment, const livekit::UpdateParticipantRequest& request) {
  Member* member = state_.members.FindByIdentity(request.identity());
  if (member == nullptr) {
    return Unexpected{ApiRefusal::kParticipantNotFound};
  }
  const auto refusal = ToApiRefusal(member->participant.UpdateProfile(
      request.name(), request.metadata(), request.attributes(), state_.options.limits));
  if (refusal) {
    return Unexpected{*refusal};
  }
  if (request.has_permission()) {
    SetPermission(moment, *member, request.permission());
  }
  state_.updates.ChangedNow(*member);
  SendRefreshToken(moment, *member, state_.options);
  return member->Info();
}

void Moderation::SetPermission(Moment moment, Member& member,
                               const livekit::ParticipantPermission& permission) {
  const bool was_hidden = member.participant.hidden();
  member.participant.SetPermission(permission);
  if (!was_hidden && permission.hidden()) {
    // For others it is gone.
    livekit::ParticipantInfo gone = member.participant.info();
    gone.set_state(livekit::ParticipantInfo::DISCONNECTED);
    gone.mutable_permission()->set_hidden(false);
    state_.updates.Left(moment.now, gone);
  }
  ConfigureParticipant(member.participant, state_.worker);
  publishing_.HandleRightsChanged(moment, member);
  subscribing_.HandleRightsChanged(moment.now, member);
  if (was_hidden != permission.hidden()) {
    subscribing_.HandleViewersChanged(moment.now, member);
  }
}

Expected<std::optional<livekit::TrackInfo>, ApiRefusal> Moderation::MutePublishedTrack(
    Moment moment, std::string_view identity, std::string_view track_sid, bool muted) {
  Member* member = state_.members.FindByIdentity(identity);
  if (member == nullptr) {
    return Unexpected{ApiRefusal::kParticipantNotFound};
  }
  if (!muted && !state_.options.enable_remote_unmute) {
    return Unexpected{ApiRefusal::kRemoteUnmuteDisabled};
  }
  Track* track = member->tracks.Find(track_sid);
  if (track == nullptr) {
    return std::optional<livekit::TrackInfo>();
  }
  if (track->info.muted() != muted) {
    // First the order, then the update: the other way round the client would see a state that is
    // not its own and correct it (trap 34).
    livekit::SignalResponse response;
    response.mutable_mute()->set_sid(track->info.sid());
    response.mutable_mute()->set_muted(muted);
    member->signal.Send(std::move(response));
    track->mute_order_missed = !member->signal.connected();
    publishing_.SetMuted(moment, *member, *track, muted);
  }
  return std::optional(track->info);
}

Expected<livekit::ParticipantInfo, ApiRefusal> Moderation::UpdateSubscriptions(
    Moment moment, const livekit::UpdateSubscriptionsRequest& request) {
  Member* member = state_.members.FindByIdentity(request.identity());
  if (member == nullptr) {
    return Unexpected{ApiRefusal::kParticipantNotFound};
  }
  livekit::UpdateSubscription update;
  *update.mutable_track_sids() = request.track_sids();
  *update.mutable_participant_tracks() = request.participant_tracks();
  update.set_subscribe(request.subscribe());
  subscribing_.HandleUpdate(moment.now, *member, update, /*by_api=*/true);
  return member->Info();
}

void Moderation::SendData(const livekit::SendDataRequest& request) {
  if (!request.nonce().empty()) {
    if (std::find(recent_nonces_.begin(), recent_nonces_.end(), request.nonce()) !=
        recent_nonces_.end()) {
      return;
    }
    recent_nonces_.push_back(request.nonce());
    if (recent_nonces_.size() > kMaxNonces) {
      recent_nonces_.pop_front();
    }
  }
  livekit::DataPacket packet;
  packet.set_kind(request.kind());
  *packet.mutable_destination_identities() = request.destination_identities();
  livekit::UserPacket& user = *packet.mutable_user();
  user.set_payload(request.data());
  *user.mutable_destination_sids() = request.destination_sids();
  *user.mutable_destination_identities() = request.destination_identities();
  if (request.has_topic()) {
    user.set_topic(request.topic());
  }
  user.set_nonce(request.nonce());

  worker::v1::RoomCommand command;
  worker::v1::SendData& send = *command.mutable_send_data();
  send.set_reliable(request.kind() == livekit::DataPacket::RELIABLE);
  for (const auto& [handle, member] : state_.members) {
    const auto& identities = request.destination_identities();
    const auto& sids = request.destination_sids();
    if (std::find(identities.begin(), identities.end(), member->participant.identity()) !=
            identities.end() ||
        std::find(sids.begin(), sids.end(), member->participant.sid()) != sids.end()) {
      send.add_participants(handle.value());
    }
  }
  const bool addressed =
      !request.destination_identities().empty() || !request.destination_sids().empty();
  if (addressed && send.participants().empty()) {
    return;  // To the worker, nobody means everybody.
  }
  packet.SerializeToString(send.mutable_packet());
  state_.worker.Send(std::move(command));
}

}  // namespace sfu::room
