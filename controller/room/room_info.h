#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/time/timestamp.h"
#include "controller/room/ids.h"
#include "controller/room/room_options.h"
#include "proto/livekit/room.pb.h"

namespace sfu::room {

// What a room says about itself, and when clients must hear of it: metadata and recording at once,
// counts at most every five seconds (signaling contract, sections 4.9 and 10).
class RoomInfo {
 public:
  RoomInfo(const RoomOptions& options, std::string sid, std::string_view name, absl::Time wall);

  const livekit::Room& proto() const { return room_; }
  absl::Duration empty_timeout() const { return absl::Seconds(room_.empty_timeout()); }
  absl::Duration departure_timeout() const { return absl::Seconds(room_.departure_timeout()); }
  uint32_t max_participants() const { return room_.max_participants(); }
  bool sync_streams() const { return sync_streams_; }
  bool playout_delay() const { return playout_delay_; }

  // Whether somebody has set it up, rather than the first join having made it.
  bool configured() const { return configured_; }

  // Non-zero fields overwrite.
  void Configure(const livekit::CreateRoomRequest& request);
  // The same from a token's `roomConfig`, protobuf-JSON. Unreadable text changes nothing.
  void ConfigureFromToken(std::string_view room_config_json);
  void SetMetadata(std::string_view metadata);
  void SetRecording(bool recording);
  void SetCounts(Timestamp now, uint32_t participants, uint32_t publishers);

  // True if a room_update is due; the caller sends it.
  bool TakeUpdate(Timestamp now);
  Timestamp NextTimeout() const { return update_due_; }

 private:
  livekit::Room room_;
  bool sync_streams_ = false;
  bool playout_delay_ = false;
  bool configured_ = false;
  Timestamp update_due_ = Timestamp::Never();
  Timestamp counts_allowed_ = Timestamp::FromMicros(0);
};

}  // namespace sfu::room
