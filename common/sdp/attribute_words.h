#pragma once

#include <optional>
#include <string_view>

#include "common/sdp/session_description.h"

// The words that stand for values in attributes, both ways. Internal to this module.
namespace sfu::sdp {

// "sendrecv", "sendonly", "recvonly", "inactive" (RFC 8866 section 6.7).
std::string_view WordOf(Direction direction);
std::optional<Direction> ParseDirection(std::string_view word);

// "actpass", "active", "passive", "holdconn" (RFC 4145 section 4).
std::string_view WordOf(Setup setup);
std::optional<Setup> ParseSetup(std::string_view word);

}  // namespace sfu::sdp
