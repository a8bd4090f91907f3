#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/strings/escaping.h>

#include "common/auth/access_token.h"
#include "common/auth/claims_json.h"
#include "common/base/check.h"

// Any bytes as a token, and any bytes as the payload of one: what is accepted must survive signing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::auth;
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  const Keys keys = {{"key", "secret"}, {"", "secret of an empty name"}};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)VerifyToken(input, keys, now);
  (void)ParseTokenHeader(input);
  const auto claims = ParseClaims(input);
  if (!claims) {
    return 0;
  }
  const auto verified = VerifyToken(SignToken(*claims, "key", "secret"), keys, now);
  if (verified) {
    SFU_CHECK(verified->metadata == claims->metadata);
    SFU_CHECK(verified->attributes == claims->attributes);
    SFU_CHECK(!claims->video || verified->video->room == claims->video->room);
  } else {
    SFU_CHECK(verified.error() == TokenRefusal::kNoExpiry ||
              verified.error() == TokenRefusal::kExpired ||
              verified.error() == TokenRefusal::kNotYetValid);
  }
  return 0;
}
