#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/random.h"
#include "controller/negotiation/codec_preferences.h"
#include "controller/room/connection_qualities.h"
#include "controller/room/members.h"
#include "controller/room/outbox.h"
#include "controller/room/room.h"
#include "controller/room/room_info.h"
#include "controller/room/room_options.h"
#include "controller/room/sid.h"
#include "controller/room/speakers.h"
#include "controller/room/update_broadcaster.h"
#include "controller/room/worker_port.h"

namespace sfu::room {

// The state that the room's procedures (publishing, subscribing, admission, departures,
// moderation) work on. They are the only ones to change it, one at a time.
struct RoomState {
  RoomState(RoomOptions room_options, std::string_view name, uint64_t room, uint64_t epoch,
            Random& random_source, absl::Time wall)
      : options(std::move(room_options)),
        random(random_source),
        enabled_codecs(options.enabled_codecs),
        worker(room, epoch, outbox),
        info(options, NewSid("RM_", random), name, wall),
        sif_trailer(random.NextText(16, "0123456789abcdefghijklmnopqrstuvwxyz")) {}
  RoomState(const RoomState&) = delete;
  RoomState& operator=(const RoomState&) = delete;

  SessionId NextSession() { return SessionId(++last_session); }

  const RoomOptions options;
  Random& random;
  const negotiation::CodecPreferences enabled_codecs;
  Outbox outbox;
  WorkerPort worker;
  Members members;
  RoomInfo info;
  UpdateBroadcaster updates{members};
  Speakers speakers;
  ConnectionQualities qualities;
  const std::string sif_trailer;  // Ends what we put into encrypted streams ourselves.
  RoomCounters counters;
  uint64_t last_session = 0;
};

}  // namespace sfu::room
