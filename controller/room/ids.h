#pragma once

#include <cstdint>

#include <absl/time/time.h>

#include "common/base/strong_id.h"
#include "common/time/timestamp.h"

namespace sfu::room {

// One client's signal connection. A participant has at most one; a resume replaces it.
using SessionId = StrongId<struct SessionIdTag, uint64_t>;

// Names towards the worker (proto/sfu/worker.proto), unique within a room and never reused.
using ParticipantHandle = StrongId<struct ParticipantHandleTag, uint64_t>;
using TransportHandle = StrongId<struct TransportHandleTag, uint64_t>;
using TrackHandle = StrongId<struct TrackHandleTag, uint64_t>;
using SenderHandle = StrongId<struct SenderHandleTag, uint64_t>;

// Both clocks at one instant: deadlines run on `now`; `wall` goes into tokens and versions.
struct Moment {
  Timestamp now;
  absl::Time wall;
};

}  // namespace sfu::room
