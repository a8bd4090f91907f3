#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/expected.h"

// For common/config only: API keys as text (operations contract, section 2.3).
namespace sfu::config {

struct ApiKeys {
  std::map<std::string, std::string, std::less<>> keys;  // A secret: no logging.
  // Keys left out because their secret is no text: a bare number, `true`, a list.
  std::vector<std::string> dropped;
};

enum class BareNumbers {
  kAreText,     // In a key file.
  kAreDropped,  // In --keys and LIVEKIT_KEYS, as the reference does: such a secret wants quotes.
};

// "key: secret" lines. Unexpected: the text is no such list, which a missing space after the colon
// makes of it.
struct NotKeys {};
Expected<ApiKeys, NotKeys> ReadApiKeys(std::string_view text, BareNumbers numbers);

}  // namespace sfu::config
