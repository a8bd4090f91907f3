#pragma once

#include <string>

#include <absl/time/time.h>

#include "common/config/load_config.h"

namespace sfu::server {

// What `create-join-token` prints (operations contract, section 1.2): "Token: <jwt>", signed with
// the first key in order, good for 30 days.
std::string JoinTokenText(const config::MakeJoinToken& request, absl::Time now);

}  // namespace sfu::server
