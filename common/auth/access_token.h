#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "common/auth/grants.h"
#include "common/base/expected.h"

namespace sfu::auth {

// API key -> secret.
using Keys = std::map<std::string, std::string, std::less<>>;

// Longer tokens are refused unread. Room for the largest metadata and attributes that a session
// may start with (512 KiB and 64 KiB, escaped and in base64).
inline constexpr size_t kMaxTokenBytes = 2 * 1024 * 1024;

enum class TokenRefusal {
  kMalformed,  // Not three base64url parts of JSON, or too long.
  kUnsupportedAlgorithm,
  kUnknownKey,
  kBadSignature,
  kNoExpiry,
  kExpired,
  kNotYetValid,
};

// The body of the 401 that answers a request with such a token (signaling contract, section 1.4).
std::string RefusalText(TokenRefusal refusal);

// Verifies a JWS in compact form: HS256 only, signature compared in constant time, `exp` required,
// `exp` and `nbf` with a minute of leeway (signaling contract, section 2.1). Nothing in the token
// is believed before its signature holds, except the key's name.
Expected<Claims, TokenRefusal> VerifyToken(std::string_view token, const Keys& keys,
                                           absl::Time now);

// The opposite. `claims.issuer` is replaced by `key`. Members that hold their default are left out.
std::string SignToken(const Claims& claims, std::string_view key, std::string_view secret);

// Takes the token out of an `Authorization: Bearer ...` header. The error text is that of a 401.
inline constexpr std::string_view kBearerPrefix = "Bearer ";
inline constexpr std::string_view kMissingBearerText =
    "invalid authorization header. Must start with Bearer ";

}  // namespace sfu::auth
