#include "controller/room/member.h"

namespace sfu::room {

Member::Member(ParticipantHandle handle, std::string sid, SessionId session,
               const JoinParameters& parameters, const MediaSessionOptions& media_options,
               const MemberSurroundings& room, absl::Time wall)
    : participant(handle, std::move(sid), parameters, room.options.region, wall),
      signal(room.outbox, session),
      handles(handle),
      tracks(room.enabled_codecs, handles, room.random),
      media(media_options, handle, handles, room.worker, signal, room.random),
      auto_subscribe(parameters.auto_subscribe),
      adaptive_stream(parameters.adaptive_stream) {}

livekit::ParticipantInfo Member::Info() const {
  livekit::ParticipantInfo info = participant.info();
  for (const auto& track : tracks.tracks()) {
    if (track->live) {
      *info.add_tracks() = track->info;
    }
  }
  return info;
}

}  // namespace sfu::room
