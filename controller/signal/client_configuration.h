#pragma once

#include "proto/livekit/models.pb.h"

namespace sfu::signal {

// What must be different for a certain device (signaling contract, section 3.5): codecs that it
// claims but gets wrong.
livekit::ClientConfiguration ClientConfigurationFor(const livekit::ClientInfo& client);

}  // namespace sfu::signal
