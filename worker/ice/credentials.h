#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/random.h"

namespace sfu::ice {

// What proves that a check was made by the peer our description was given to (RFC 8445 §5.3).
struct Credentials {
  std::string ufrag;     // At least 4 characters (RFC 8839 §5.4).
  std::string password;  // 22 to 64 characters. A secret: never formatted.
};

// Our ufrags name their media thread in two characters, so that whichever socket a first check
// arrives at knows where to send it ([MUX-2]): hence the limit.
inline constexpr uint32_t kMaxThreadIndex = 64 * 64 - 1;

// A fresh pair, 48 bits of chance in the ufrag and 144 in the password ([MUX-3]).
// Precondition: thread_index <= kMaxThreadIndex.
Credentials GenerateCredentials(Random& random, uint32_t thread_index);

// The thread that a ufrag of ours belongs to; nullopt if we cannot have made it.
std::optional<uint32_t> ThreadIndexOf(std::string_view ufrag);

}  // namespace sfu::ice
