#include "controller/room/admission.h"

#include <memory>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "controller/room/client_traits.h"
#include "controller/room/refresh_token.h"

namespace sfu::room {
namespace {

constexpr absl::Duration kJoinLimit = absl::Seconds(60);
constexpr int kPingIntervalSeconds = 5;  // Never 0: some clients abort on it (trap 11).
constexpr int kPingTimeoutSeconds = 15;

std::vector<negotiation::Codec> Named(
    const google::protobuf::RepeatedPtrField<livekit::Codec>& codecs) {
  std::vector<negotiation::Codec> named;
  for (const livekit::Codec& codec : codecs) {
    if (const auto known = negotiation::CodecFromMime(codec.mime())) {
      named.push_back(*known);
    }
  }
  return named;
}

MediaSessionOptions MediaOptionsFor(const JoinParameters& parameters, const RoomState& state) {
  const livekit::DisabledCodecs& disabled = parameters.client_configuration.disabled_codecs();
  MediaSessionOptions options;
  options.single_peer_connection = parameters.single_peer_connection;
  options.can_subscribe = parameters.claims.video && parameters.claims.video->CanSubscribe();
  options.client = parameters.client;
  options.subscribe_codecs = state.enabled_codecs.Without(Named(disabled.codecs()));
  options.publish_codecs = options.subscribe_codecs.Without(Named(disabled.publish()));
  options.playout_delay = state.info.playout_delay();
  options.sync_streams = state.info.sync_streams() && SupportsSyncStreams(parameters.client);
  return options;
}

}  // namespace

void ConfigureParticipant(const Participant& participant, WorkerPort& worker) {
  worker::v1::RoomCommand command;
  worker::v1::ConfigureParticipant& configure = *command.mutable_configure_participant();
  configure.set_participant(participant.handle().value());
  configure.set_sid(participant.sid());
  configure.set_identity(participant.identity());
  configure.set_hidden(participant.hidden());
  configure.set_agent(participant.kind() == livekit::ParticipantInfo::AGENT);
  configure.set_can_publish_data(participant.permission().can_publish_data());
  configure.set_can_subscribe(participant.permission().can_subscribe());
  worker.Send(std::move(command));
}

std::optional<JoinRefusal> Admission::Refusal(const JoinParameters& parameters) {
  const auth::Claims& claims = parameters.claims;
  const Limits& limits = state_.options.limits;
  if (claims.name.size() > limits.name_bytes) {
    return JoinRefusal::kNameTooLong;
  }
  if (claims.metadata.size() > limits.metadata_bytes) {
    return JoinRefusal::kMetadataTooLong;
  }
  if (AttributeBytes(claims.attributes) > limits.attributes_bytes) {
    return JoinRefusal::kAttributesTooLong;
  }
  const bool dependent =
      IsDependent(KindFromClaim(claims.kind), claims.video.value_or(auth::VideoGrant()));
  const Member* replaced = state_.members.FindByIdentity(claims.identity);
  const bool frees_a_place = replaced != nullptr && !replaced->participant.dependent();
  const uint32_t present = state_.members.CountIndependent() - (frees_a_place ? 1 : 0);
  if (!dependent && state_.info.max_participants() != 0 &&
      present >= state_.info.max_participants()) {
    return JoinRefusal::kRoomFull;
  }
  return std::nullopt;
}

Expected<SessionId, JoinRefusal> Admission::Join(Moment moment, JoinParameters parameters) {
  if (const std::optional<JoinRefusal> refusal = Refusal(parameters)) {
    return Unexpected{*refusal};
  }
  if (!state_.info.configured() && last_participant_ == 0 &&
      !parameters.claims.room_config_json.empty()) {
    state_.info.ConfigureFromToken(parameters.claims.room_config_json);
  }
  if (Member* replaced = state_.members.FindByIdentity(parameters.claims.identity)) {
    departures_.Replace(moment.now, *replaced);
  }
  state_.updates.FlushDeparture(parameters.claims.identity);
  const SessionId session = state_.NextSession();
  Member& member = Create(moment, session, parameters);
  SendJoin(moment, member, parameters);
  member.participant.SetState(livekit::ParticipantInfo::JOINED);
  ConfigureParticipant(member.participant, state_.worker);
  member.media.Open();
  state_.updates.Changed(moment.now, member);
  SendRefreshToken(moment, member, state_.options);
  if (parameters.single_peer_connection || StartsFast(parameters.client)) {
    subscribing_.SubscribeToAll(moment.now, member);
  }
  for (const livekit::AddTrackRequest& request : parameters.add_track_requests) {
    publishing_.HandleAddTrack(moment, member, request);
  }
  if (parameters.publisher_offer) {
    publishing_.HandleOffer(moment, member, *parameters.publisher_offer);
  }
  return session;
}

Member& Admission::Create(Moment moment, SessionId session, const JoinParameters& parameters) {
  const MemberSurroundings surroundings{.options = state_.options,
                                        .enabled_codecs = state_.enabled_codecs,
                                        .worker = state_.worker,
                                        .outbox = state_.outbox,
                                        .random = state_.random};
  const ParticipantHandle handle(++last_participant_);
  Member& member = state_.members.Add(
      std::make_unique<Member>(handle, NewSid("PA_", state_.random), session, parameters,
                               MediaOptionsFor(parameters, state_), surroundings, moment.wall));
  state_.members.BindSession(session, handle);
  member.here_since = moment.now;
  member.join_limit = moment.now + kJoinLimit;
  return member;
}

void Admission::SendJoin(Moment moment, Member& member, const JoinParameters& parameters) {
  livekit::SignalResponse response;
  livekit::JoinResponse& join = *response.mutable_join();
  state_.info.SetCounts(moment.now, state_.members.CountIndependent(),
                        state_.members.CountPublishers());
  *join.mutable_room() = state_.info.proto();
  *join.mutable_participant() = member.Info();
  for (const auto& [handle, other] : state_.members) {
    if (other.get() != &member && !other->participant.hidden()) {
      *join.add_other_participants() = other->Info();
    }
  }
  join.set_server_version(state_.options.server_info.version());
  for (const livekit::ICEServer& server : parameters.ice_servers) {
    *join.add_ice_servers() = server;
  }
  join.set_subscriber_primary(member.media.subscriber_primary());
  if (parameters.client_configuration.ByteSizeLong() > 0) {
    *join.mutable_client_configuration() = parameters.client_configuration;
  }
  join.set_server_region(state_.options.region);
  join.set_ping_interval(kPingIntervalSeconds);
  join.set_ping_timeout(kPingTimeoutSeconds);
  *join.mutable_server_info() = state_.options.server_info;
  join.set_sif_trailer(state_.sif_trailer);
  for (const livekit::Codec& codec :
       MediaOptionsFor(parameters, state_).publish_codecs.PublishList()) {
    *join.add_enabled_publish_codecs() = codec;
  }
  join.set_fast_publish(member.participant.permission().can_publish());
  member.signal.Send(std::move(response));
}

void Admission::HandleConnected(Moment moment, Member& member) {
  if (member.active()) {
    return;
  }
  member.join_limit = Timestamp::Never();
  member.participant.SetState(livekit::ParticipantInfo::ACTIVE);
  state_.updates.Changed(moment.now, member);
  state_.outbox.Push(RoomFact(ParticipantJoined{member.Info()}));
  subscribing_.SubscribeToAll(moment.now, member);
}

}  // namespace sfu::room
