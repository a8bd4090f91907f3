#pragma once

#include <string>
#include <vector>

#include "common/config/config.h"
#include "controller/room/room_options.h"
#include "proto/livekit/rtc.pb.h"

// What the configuration means for each part of the controller. Pure.
namespace sfu::server {

room::RoomOptions RoomOptionsFrom(const config::Config& config, const std::string& node_id);
std::vector<livekit::ICEServer> IceServersFrom(const config::Config& config);

}  // namespace sfu::server
