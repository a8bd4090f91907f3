#pragma once

#include <optional>
#include <utility>

#include "common/time/timestamp.h"
#include "controller/room/media_session.h"
#include "controller/room/participant.h"
#include "controller/room/permissions.h"
#include "controller/room/published_tracks.h"
#include "controller/room/signal_sink.h"
#include "controller/room/subscriptions.h"

namespace sfu::room {

// What every member needs of its room.
struct MemberSurroundings {
  const RoomOptions& options;
  const negotiation::CodecPreferences& enabled_codecs;
  WorkerPort& worker;
  Outbox& outbox;
  Random& random;
};

// One participant with everything that hangs on it. It may be without a signal connection for as
// long as its peer connections live, and resume on a new one at any time. The parts do not know one
// another; what happens between them, and between members, is in publishing, subscribing and
// departures.
struct Member {
  Member(ParticipantHandle handle, std::string sid, SessionId session,
         const JoinParameters& parameters, const MediaSessionOptions& media_options,
         const MemberSurroundings& room, absl::Time wall);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  ParticipantHandle handle() const { return participant.handle(); }
  bool active() const { return participant.state() == livekit::ParticipantInfo::ACTIVE; }
  livekit::ParticipantInfo Info() const;  // With all tracks that others may see.

  Participant participant;
  SignalSink signal;
  HandleAllocator handles;
  PublishedTracks tracks;
  SubscriptionPermissions viewers;  // Of its own tracks.
  Subscriptions subscriptions;
  MediaSession media;

  const bool auto_subscribe;
  const bool adaptive_stream;

  Timestamp here_since = Timestamp::FromMicros(0);
  Timestamp join_limit = Timestamp::Never();  // Must be active by then.
  Timestamp gone_at = Timestamp::Never();     // Unless what it has lost comes back, it leaves then.
  bool media_lost = false;                    // A peer connection has failed.
  Timestamp refresh_due = Timestamp::Never();
  std::optional<livekit::DisconnectReason> failure;  // Cannot go on; must connect anew.
};

}  // namespace sfu::room
