#include "common/redis/script.h"

#include <array>
#include <utility>

#include <absl/strings/escaping.h>
#include <openssl/evp.h>

#include "common/base/check.h"

namespace sfu::redis {
namespace {

std::string Sha1Hex(std::string_view text) {  // The name that EVALSHA goes by.
  std::array<unsigned char, 20> digest;
  SFU_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), sha1_hex_(Sha1Hex(text_)) {}

}  // namespace sfu::redis
