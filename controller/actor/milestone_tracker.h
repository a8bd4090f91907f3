#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "controller/actor/milestone.h"
#include "controller/actor/room_observer.h"
#include "controller/room/effect.h"
#include "controller/room/ids.h"
#include "proto/livekit/rtc.pb.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::actor {

// Follows one room from outside: by what goes in and comes out it tells the observer how far
// people, tracks and subscriptions come. The room knows nothing of it, and nothing depends on it
// but numbers.
//
// Holds as much as the room does: people, their pending and live tracks, their senders. Pure; lives
// on the room's loop.
class MilestoneTracker {
 public:
  explicit MilestoneTracker(RoomObserver& observer) : observer_(observer) {}

  // --- What goes in.
  void HandleJoined(room::SessionId session, const livekit::ClientInfo& client);
  void HandleSignalClosed(room::SessionId session);  // By the client.
  void HandleWorkerEvent(Timestamp now, const worker::v1::RoomEvent& event);

  // --- What comes out, in order.
  void HandleResponse(Timestamp now, room::SessionId session,
                      const livekit::SignalResponse& response);
  void HandleSessionEnded(room::SessionId session);  // By the room.
  void HandleCommand(Timestamp now, const worker::v1::RoomCommand& command);
  void HandleFact(Timestamp now, const room::RoomFact& fact);
  void HandleRoomClosed();

 private:
  struct PendingTrack {
    Timestamp since;
    livekit::TrackType type;
    livekit::TrackSource source;
  };
  struct Person {
    int32_t protocol = 0;
    livekit::ClientInfo::SDK sdk = livekit::ClientInfo::UNKNOWN;
    livekit::ParticipantInfo::Kind kind = livekit::ParticipantInfo::STANDARD;
    Timestamp admitted_at;
    std::optional<Timestamp> active_since;
    std::map<std::string, PendingTrack> pending;  // By track SID.
  };
  struct Session {
    int32_t protocol = 0;
    livekit::ClientInfo::SDK sdk = livekit::ClientInfo::UNKNOWN;
    std::string sid;  // Of the participant; empty until the join response.
  };
  struct Sender {
    Timestamp since;
    uint64_t track = 0;
    livekit::TrackType type = livekit::AUDIO;
    bool active = false;
  };
  using Senders = std::map<uint64_t, Sender>;

  Person* FindPerson(const std::string& sid);
  void EndSession(room::SessionId session, SessionMilestone::Step if_not_active);
  void EndPerson(const std::string& sid, SessionMilestone::Step step, absl::Duration elapsed);
  void HandleTrackAnnounced(Timestamp now, const std::string& participant_sid,
                            const livekit::TrackInfo& track);
  void CancelTrack(const std::string& participant_sid, const std::string& track_sid);
  void HandleTrackPublished(Timestamp now, const room::TrackPublished& fact);
  void HandleSenders(Timestamp now, const worker::v1::ConfigureSenders& command);
  void HandleSubscriptionActive(Timestamp now, uint64_t sender);
  void EndSender(uint64_t handle, const Sender& sender);
  // Of transports whose handle `matches`.
  template <typename Matches>
  void EndSenders(Matches matches);
  void ReportSubscribe(SubscribeMilestone::Step step, uint64_t handle, const Sender& sender,
                       absl::Duration elapsed);

  RoomObserver& observer_;
  std::map<room::SessionId, Session> sessions_;
  std::map<std::string, Person> people_;                         // By participant SID.
  absl::flat_hash_map<uint64_t, std::string> handles_;           // Participant handle to SID.
  std::map<uint64_t, Senders> senders_;                          // By transport handle.
  absl::flat_hash_map<uint64_t, livekit::TrackSource> sources_;  // By track handle; live ones.
  uint64_t track_started_ = 0;  // The worker's event of which a TrackPublished may come now.
};

}  // namespace sfu::actor
