#pragma once

#include <string_view>

#include "proto/livekit/models.pb.h"

namespace sfu::signal {

// Fills in browser and system from an HTTP User-Agent, as far as the client did not name them
// itself. Native SDKs, whose User-Agent is a library's, are left alone.
void FillFromUserAgent(std::string_view user_agent, livekit::ClientInfo& client);

}  // namespace sfu::signal
