#pragma once

#include "proto/sfu/worker.pb.h"
#include "worker/ice/candidate.h"
#include "worker/room/room_event.h"
#include "worker/transport/transport.h"

// What rooms report, as it goes to the controller.
namespace sfu::worker {

v1::RoomEvent ToProto(const mediaroom::RoomEvent& event);

v1::TransportOpened DescribeTransport(const transport::Transport& transport,
                                      const std::vector<ice::HostCandidate>& candidates);

}  // namespace sfu::worker
