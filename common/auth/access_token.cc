#include "common/auth/access_token.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <absl/strings/escaping.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/auth/claims_json.h"
#include "common/base/check.h"

namespace sfu::auth {
namespace {

constexpr absl::Duration kLeeway = absl::Minutes(1);
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

using Signature = std::array<unsigned char, 32>;

Signature HmacSha256(std::string_view secret, std::string_view text) {
  Signature signature;
  unsigned int length = 0;
  const unsigned char* result = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size(), signature.data(), &length);
  SFU_CHECK(result != nullptr && length == signature.size());
  return signature;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(absl::string_view(text.data(), text.size()), &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

std::string ToBase64Url(std::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()), &text);
  return text;
}

// JWS compact serialization (RFC 7515 section 3.1).
struct CompactJws {
  std::string_view signing_input;  // header '.' payload, as sent.
  std::string header;
  std::string payload;
  std::string signature;
};

std::optional<CompactJws> Split(std::string_view token) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last) {
    return std::nullopt;
  }
  auto header = FromBase64Url(token.substr(0, first));
  auto payload = FromBase64Url(token.substr(first + 1, last - first - 1));
  auto signature = FromBase64Url(token.substr(last + 1));
  if (!header || !payload || !signature) {
    return std::nullopt;
  }
  return CompactJws{.signing_input = token.substr(0, last),
                    .header = std::move(*header),
                    .payload = std::move(*payload),
                    .signature = std::move(*signature)};
}

std::optional<TokenRefusal> CheckTimes(const Claims& claims, absl::Time now) {
  if (claims.expires_at == absl::InfinitePast()) {
    return TokenRefusal::kNoExpiry;
  }
  if (now > claims.expires_at + kLeeway) {
    return TokenRefusal::kExpired;
  }
  if (claims.not_before && now + kLeeway < *claims.not_before) {
    return TokenRefusal::kNotYetValid;
  }
  return std::nullopt;
}

}  // namespace

std::string RefusalText(TokenRefusal refusal) {
  switch (refusal) {
    case TokenRefusal::kMalformed:
    case TokenRefusal::kUnsupportedAlgorithm:
      return "invalid authorization token";
    case TokenRefusal::kUnknownKey:
      return "invalid API key";
    case TokenRefusal::kBadSignature:
      return "invalid authorization token: signature does not match";
    case TokenRefusal::kNoExpiry:
      return "invalid authorization token: token has no expiry (exp)";
    case TokenRefusal::kExpired:
      return "invalid authorization token: token is expired (exp)";
    case TokenRefusal::kNotYetValid:
      return "invalid authorization token: token is not valid yet (nbf)";
  }
  return "invalid authorization token";
}

Expected<Claims, TokenRefusal> VerifyToken(std::string_view token, const Keys& keys,
                                           absl::Time now) {
  if (token.size() > kMaxTokenBytes) {
    return Unexpected{TokenRefusal::kMalformed};
  }
  const std::optional<CompactJws> jws = Split(token);
  if (!jws) {
    return Unexpected{TokenRefusal::kMalformed};
  }
  const std::optional<TokenHeader> header = ParseTokenHeader(jws->header);
  if (!header) {
    return Unexpected{TokenRefusal::kMalformed};
  }
  if (header->algorithm != "HS256") {
    return Unexpected{TokenRefusal::kUnsupportedAlgorithm};
  }
  std::optional<Claims> claims = ParseClaims(jws->payload);
  if (!claims) {
    return Unexpected{TokenRefusal::kMalformed};
  }
  const auto key = keys.find(claims->issuer);
  if (key == keys.end()) {
    return Unexpected{TokenRefusal::kUnknownKey};
  }
  const Signature expected = HmacSha256(key->second, jws->signing_input);
  if (jws->signature.size() != expected.size() ||
      CRYPTO_memcmp(jws->signature.data(), expected.data(), expected.size()) != 0) {
    return Unexpected{TokenRefusal::kBadSignature};
  }
  if (const std::optional<TokenRefusal> refusal = CheckTimes(*claims, now)) {
    return Unexpected{*refusal};
  }
  return std::move(*claims);
}

std::string SignToken(const Claims& claims, std::string_view key, std::string_view secret) {
  Claims signed_claims = claims;
  signed_claims.issuer = std::string(key);
  std::string token = ToBase64Url(kHeader) + "." + ToBase64Url(WriteClaims(signed_claims));
  const Signature signature = HmacSha256(secret, token);
  token += ".";
  token += ToBase64Url(
      std::string_view(reinterpret_cast<const char*>(signature.data()), signature.size()));
  return token;
}

}  // namespace sfu::auth
