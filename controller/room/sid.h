#pragma once

#include <string>
#include <string_view>

#include "common/base/random.h"

namespace sfu::room {

// "PA_" and twelve characters none of which looks like another (signaling contract, section 6.1).
inline std::string NewSid(std::string_view prefix, Random& random) {
  constexpr std::string_view kAlphabet =
      "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  return std::string(prefix) + random.NextText(12, kAlphabet);
}

}  // namespace sfu::room
