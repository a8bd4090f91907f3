#pragma once

#include <cstdint>

#include "common/base/strong_id.h"

namespace sfu::mediaroom {

// Names the controller gives to things (proto/sfu/worker.proto). Never reused.
using RoomHandle = StrongId<struct RoomHandleTag, uint64_t>;
using ParticipantHandle = StrongId<struct ParticipantHandleTag, uint64_t>;
using TransportHandle = StrongId<struct TransportHandleTag, uint64_t>;
using TrackHandle = StrongId<struct TrackHandleTag, uint64_t>;
using SenderHandle = StrongId<struct SenderHandleTag, uint64_t>;

}  // namespace sfu::mediaroom
