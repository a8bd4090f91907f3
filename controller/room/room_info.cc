#include "controller/room/room_info.h"

#include <algorithm>
#include <utility>

#include <absl/time/time.h>
#include <google/protobuf/util/json_util.h>

namespace sfu::room {
namespace {

constexpr absl::Duration kCountsInterval = absl::Seconds(5);
constexpr Timestamp kAtOnce = Timestamp::FromMicros(0);

}  // namespace

RoomInfo::RoomInfo(const RoomOptions& options, std::string sid, std::string_view name,
                   absl::Time wall) {
  room_.set_sid(std::move(sid));
  room_.set_name(name.data(), name.size());
  room_.set_empty_timeout(static_cast<uint32_t>(absl::ToInt64Seconds(options.empty_timeout)));
  room_.set_departure_timeout(
      static_cast<uint32_t>(absl::ToInt64Seconds(options.departure_timeout)));
  room_.set_max_participants(options.max_participants);
  room_.set_creation_time(absl::ToUnixSeconds(wall));
  room_.set_creation_time_ms(absl::ToUnixMillis(wall));
  for (const livekit::Codec& codec : options.enabled_codecs) {
    *room_.add_enabled_codecs() = codec;
  }
}

void RoomInfo::Configure(const livekit::CreateRoomRequest& request) {
  configured_ = true;
  if (request.empty_timeout() != 0) {
    room_.set_empty_timeout(request.empty_timeout());
  }
  if (request.departure_timeout() != 0) {
    room_.set_departure_timeout(request.departure_timeout());
  }
  if (request.max_participants() != 0) {
    room_.set_max_participants(request.max_participants());
  }
  if (!request.metadata().empty()) {
    SetMetadata(request.metadata());
  }
  sync_streams_ = sync_streams_ || request.sync_streams();
  playout_delay_ =
      playout_delay_ || request.min_playout_delay() > 0 || request.max_playout_delay() > 0;
}

void RoomInfo::ConfigureFromToken(std::string_view room_config_json) {
  livekit::RoomConfiguration config;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(
           {room_config_json.data(), room_config_json.size()}, &config, options)
           .ok()) {
    return;
  }
  livekit::CreateRoomRequest request;
  request.set_empty_timeout(config.empty_timeout());
  request.set_departure_timeout(config.departure_timeout());
  request.set_max_participants(config.max_participants());
  request.set_metadata(config.metadata());
  request.set_sync_streams(config.sync_streams());
  request.set_min_playout_delay(config.min_playout_delay());
  request.set_max_playout_delay(config.max_playout_delay());
  Configure(request);
}

void RoomInfo::SetMetadata(std::string_view metadata) {
  if (room_.metadata() != metadata) {
    room_.set_metadata(metadata.data(), metadata.size());
    update_due_ = kAtOnce;
  }
}

void RoomInfo::SetRecording(bool recording) {
  if (room_.active_recording() != recording) {
    room_.set_active_recording(recording);
    update_due_ = kAtOnce;
  }
}

void RoomInfo::SetCounts(Timestamp now, uint32_t participants, uint32_t publishers) {
  if (room_.num_participants() == participants && room_.num_publishers() == publishers) {
    return;
  }
  room_.set_num_participants(participants);
  room_.set_num_publishers(publishers);
  update_due_ = std::min(update_due_, std::max(now, counts_allowed_));
}

bool RoomInfo::TakeUpdate(Timestamp now) {
  if (now < update_due_) {
    return false;
  }
  update_due_ = Timestamp::Never();
  counts_allowed_ = now + kCountsInterval;
  return true;
}

}  // namespace sfu::room
