#include "controller/directory/room_key.h"

#include <array>

#include <absl/strings/escaping.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/check.h"

namespace sfu::directory {
namespace {

constexpr char kPurpose[] = "sfu room directory, version 1";

std::string HmacSha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> digest;
  unsigned int length = 0;
  SFU_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
                 &length) != nullptr);
  SFU_CHECK(length == digest.size());
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// Lengths keep apart what would read the same when put together.
void Append(std::string& all, std::string_view part) {
  all += std::to_string(part.size());
  all += ':';
  all += part;
}

}  // namespace

RoomKeyMaker::RoomKeyMaker(const ApiKeys& api_keys) {
  std::string secrets;
  for (const auto& [key, secret] : api_keys) {
    Append(secrets, key);
    Append(secrets, secret);
  }
  secret_ = HmacSha256(secrets, kPurpose);
}

std::string RoomKeyMaker::KeyOf(std::string_view room) const {
  return "sfu:room:" + absl::WebSafeBase64Escape(HmacSha256(secret_, room));
}

}  // namespace sfu::directory
