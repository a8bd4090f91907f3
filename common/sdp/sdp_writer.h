#pragma once

#include <string>

#include "common/sdp/session_description.h"

namespace sfu::sdp {

// Data to text, CRLF line ends, attributes in a fixed order. What the parser kept comes back:
// Parse(Write(d)) equals d for every d that Parse made.
std::string Write(const SessionDescription& description);

}  // namespace sfu::sdp
