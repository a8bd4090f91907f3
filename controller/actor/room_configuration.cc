#include "controller/actor/room_configuration.h"

#include <google/protobuf/util/json_util.h>

namespace sfu::actor {

livekit::CreateRoomRequest RequestFromToken(std::string_view room,
                                            const std::string& room_config_json) {
  livekit::CreateRoomRequest request;
  request.set_name(std::string(room));
  if (room_config_json.empty()) {
    return request;
  }
  livekit::RoomConfiguration configuration;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(room_config_json, &configuration, options)
           .ok()) {
    return request;
  }
  request.set_empty_timeout(configuration.empty_timeout());
  request.set_departure_timeout(configuration.departure_timeout());
  request.set_max_participants(configuration.max_participants());
  request.set_metadata(configuration.metadata());
  request.set_min_playout_delay(configuration.min_playout_delay());
  request.set_max_playout_delay(configuration.max_playout_delay());
  request.set_sync_streams(configuration.sync_streams());
  return request;
}

}  // namespace sfu::actor
