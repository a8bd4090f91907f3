#pragma once

#include <string>
#include <string_view>

#include "proto/livekit/room.pb.h"

namespace sfu::actor {

// What a token's `roomConfig` asks for, as a request to create the room of that name. Text that
// cannot be read asks for nothing.
livekit::CreateRoomRequest RequestFromToken(std::string_view room,
                                            const std::string& room_config_json);

}  // namespace sfu::actor
