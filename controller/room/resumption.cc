#include "controller/room/resumption.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/room/client_traits.h"
#include "controller/room/refresh_token.h"

namespace sfu::room {
namespace {

// Of the reliable packets the client has sent, so many count as received. The data channels outlive
// the signal connection, and with them what is on its way; but JavaScript holds back what it is
// asked to send while it reconnects, and hands it over only if the number is not 0. What it repeats
// needlessly because the number is low, the worker drops by its sequence (trap 38).
constexpr uint32_t kLowestSequence = 1;

// Whether all that the client takes for published is known here: otherwise it would go on sending
// what nobody receives (trap 31).
bool KnowsPublished(Member& member, const livekit::SyncState& sync) {
  return sync.publish_data_tracks().empty() &&
         std::all_of(sync.publish_tracks().begin(), sync.publish_tracks().end(),
                     [&](const livekit::TrackPublishedResponse& published) {
                       return member.tracks.Find(published.track().sid()) != nullptr;
                     });
}

}  // namespace

SessionId Resumption::Resume(Moment moment, const JoinParameters& parameters) {
  const SessionId session = state_.NextSession();
  Member* const member = FindSession(parameters);
  if (member == nullptr) {
    state_.outbox.Push(SendSignal{session, UnknownSessionLeave(parameters.client)});
    state_.outbox.Push(CloseSignal{session});
    return session;
  }
  ++state_.counters.sessions_resumed;
  Attach(session, *member);
  SendReconnect(*member, parameters);
  publishing_.HandleResumed(*member);
  state_.updates.CatchUp(*member);
  SendRoom(*member);
  state_.speakers.SendAll(*member, state_.members);
  state_.qualities.SendAll(*member, state_.members);
  subscribing_.HandleResumed(moment.now, *member);
  member->media.HandleResumed(moment.now);
  SendRefreshToken(moment, *member, state_.options);
  departures_.HandleResumed(moment.now, *member);
  return session;
}

// The very session, not only the same identity: a client whose place another one has taken must not
// take it back unasked. And by the same path, since the other one has other peer connections.
Member* Resumption::FindSession(const JoinParameters& parameters) {
  Member* const member = state_.members.FindByIdentity(parameters.claims.identity);
  const bool same = member != nullptr && member->participant.sid() == parameters.participant_sid &&
                    member->media.single_peer_connection() == parameters.single_peer_connection;
  return same && CanResume(parameters.client) ? member : nullptr;
}

void Resumption::Attach(SessionId session, Member& member) {
  if (const std::optional<SessionId> former = member.signal.session()) {
    state_.members.ForgetSession(*former);
    member.signal.Close();
  }
  member.signal.Attach(session);
  state_.members.BindSession(session, member.handle());
}

void Resumption::SendReconnect(Member& member, const JoinParameters& parameters) {
  livekit::SignalResponse response;
  livekit::ReconnectResponse& reconnect = *response.mutable_reconnect();
  for (const livekit::ICEServer& server : parameters.ice_servers) {
    *reconnect.add_ice_servers() = server;
  }
  if (parameters.client_configuration.ByteSizeLong() > 0) {
    *reconnect.mutable_client_configuration() = parameters.client_configuration;
  }
  *reconnect.mutable_server_info() =
      state_.options.server_info;  // Replaces the client's (trap 10).
  reconnect.set_last_message_seq(kLowestSequence);
  member.signal.Send(std::move(response));
}

void Resumption::SendRoom(Member& member) {
  livekit::SignalResponse response;
  *response.mutable_room_update()->mutable_room() = state_.info.proto();
  member.signal.Send(std::move(response));
}

void Resumption::HandleSyncState(Moment moment, Member& member, const livekit::SyncState& sync) {
  if (!KnowsPublished(member, sync)) {
    member.failure = livekit::STATE_MISMATCH;
    return;
  }
  subscribing_.HandleDisabled(member, sync.track_sids_disabled());
  if (sync.has_subscription()) {
    subscribing_.HandleState(moment.now, member, sync.subscription());
  }
}

}  // namespace sfu::room
