#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/expected.h"
#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "controller/room/effect.h"
#include "controller/room/ids.h"
#include "controller/room/join_parameters.h"
#include "controller/room/room_options.h"
#include "proto/livekit/room.pb.h"

namespace sfu::room {

struct Member;

// What clients asked of a room that was not worth an answer, and what went wrong.
struct RoomCounters {
  uint64_t requests_of_strangers = 0;  // Their session was over.
  uint64_t requests_ignored = 0;       // Unknown, deprecated or not for this connection.
  uint64_t sessions_failed = 0;        // Told to connect anew.
  uint64_t sessions_resumed = 0;       // Came back by a new signal connection.
};

// Where a room lives, and as what the worker knows it.
struct RoomPlacement {
  uint64_t room = 0;   // Handle, unique within the controller; below 2^32.
  uint64_t epoch = 0;  // Rises whenever a controller takes a room of that handle over.
};

// Why a command of the server API was not carried out.
enum class ApiRefusal {
  kParticipantNotFound,
  kTrackNotFound,
  kRemoteUnmuteDisabled,
  kMetadataTooLong,
  kAttributesTooLong,
  kNameTooLong,
  kNonceInvalid,
};

// The authority on one room: who is here, what they may do, what they publish and see. Pure:
// requests and events in, effects out; it sends nothing itself and never asks for the time.
// After any input, poll effects until empty. Not thread-safe: lives on its actor's loop.
//
// Worker commands carry request ids of the form `room << 32 | count`, so that one stream to a
// worker can carry any number of rooms and route a result by its upper half.
class Room {
 public:
  // Starts by telling the worker of the room. `random` must outlive it.
  Room(RoomOptions options, std::string_view name, const RoomPlacement& placement, Random& random,
       Moment moment);
  ~Room();

  // --- Clients.

  // Adds a participant, or resumes the session of one. The first effect for the new session is its
  // JoinResponse or ReconnectResponse (or the Leave that answers a resume of a session unknown
  // here, after which it is closed). `parameters` must come from checked claims.
  Expected<SessionId, JoinRefusal> Join(Moment moment, JoinParameters parameters);
  void HandleRequest(Moment moment, SessionId session, const livekit::SignalRequest& request);
  // The connection is gone, whoever closed it; the participant may resume on another. Harmless for
  // a session already over.
  void HandleSignalClosed(Moment moment, SessionId session);

  // --- The worker.

  void HandleWorkerResult(Moment moment, const sfu::worker::v1::CommandResult& result);
  void HandleWorkerEvent(Moment moment, const sfu::worker::v1::RoomEvent& event);
  // The worker has lost the room. Everybody is told to connect anew; the room itself stays silent
  // until the next join, whose commands (a ConfigureRoom first) are for whichever worker has it
  // then, under `placement`.
  void HandleWorkerLost(Moment moment, const RoomPlacement& placement);

  // --- Time.

  void HandleTimeout(Moment moment);
  Timestamp NextTimeout() const;

  // --- Server API (server API contract, section 2.3).

  // Leave with PARTICIPANT_REMOVED.
  Expected<livekit::ParticipantInfo, ApiRefusal> RemoveParticipant(Moment moment,
                                                                   std::string_view identity);
  // Non-zero fields overwrite (signaling contract, section 10).
  void Configure(Moment moment, const livekit::CreateRoomRequest& request);
  // Leave to everybody, then RoomClosed. ROOM_DELETED from the API, SERVER_SHUTDOWN when stopping.
  void Close(Moment moment, livekit::DisconnectReason reason);
  void Delete(Moment moment) { Close(moment, livekit::ROOM_DELETED); }
  void UpdateMetadata(Moment moment, std::string_view metadata);
  Expected<livekit::ParticipantInfo, ApiRefusal> UpdateParticipant(
      Moment moment, const livekit::UpdateParticipantRequest& request);
  // No value inside when the participant has no such track: the API answers that with success.
  Expected<std::optional<livekit::TrackInfo>, ApiRefusal> MutePublishedTrack(
      Moment moment, std::string_view identity, std::string_view track_sid, bool muted);
  Expected<livekit::ParticipantInfo, ApiRefusal> UpdateSubscriptions(
      Moment moment, const livekit::UpdateSubscriptionsRequest& request);
  void SendData(Moment moment, const livekit::SendDataRequest& request);

  livekit::Room ToProto() const;
  std::vector<livekit::ParticipantInfo> Participants() const;  // Hidden ones too.
  std::optional<livekit::ParticipantInfo> FindParticipant(std::string_view identity) const;
  bool closed() const { return closed_; }
  const RoomCounters& counters() const;

  // --- Output.

  std::optional<Effect> PollEffect();

 private:
  void HandleKnownRequest(Moment moment, Member& member, const livekit::SignalRequest& request);
  void HandleTransportState(Moment moment, const sfu::worker::v1::TransportState& state);
  void ConfigureAtWorker();
  // After every input: what it made necessary, once.
  void Settle(Moment moment);
  void SendRoomUpdate();

  struct Parts;
  std::unique_ptr<Parts> parts_;
  bool closed_ = false;
};

// The answer to a resume of a session that is not here, for rooms that do not exist either: accept
// the connection, send this, close (signaling traps, 29).
livekit::SignalResponse UnknownSessionLeave(const livekit::ClientInfo& client);

}  // namespace sfu::room
