#pragma once

#include <string_view>

namespace sfu::config {

inline constexpr std::string_view kVersion = SFU_VERSION;

// The release of the reference server whose behaviour clients see, and what ServerInfo says:
// clients switch features on and off by it (signaling traps, 10).
inline constexpr std::string_view kCompatibleVersion = "1.13.5";

}  // namespace sfu::config
