#include "common/log/redact.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "common/base/check.h"

namespace sfu {
namespace {

constexpr int kAddressDigits = 4;
constexpr int kTextDigits = 6;

using Key = std::array<uint8_t, 32>;

const Key& ProcessKey() {
  static const Key key = [] {
    Key drawn;
    SFU_CHECK(RAND_bytes(drawn.data(), static_cast<int>(drawn.size())) == 1);
    return drawn;
  }();
  return key;
}

uint32_t Tag(const uint8_t* bytes, size_t size, int digits) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> mac;
  SFU_CHECK(HMAC(EVP_sha256(), ProcessKey().data(), static_cast<int>(ProcessKey().size()), bytes,
                 size, mac.data(), nullptr) != nullptr);
  uint32_t tag = 0;
  for (int i = 0; i < digits / 2; ++i) {
    tag = tag << 8 | mac[static_cast<size_t>(i)];
  }
  return tag;
}

}  // namespace

Redacted::Redacted(const SocketAddress& address)
    : prefix_(address.is_v4() ? "v4" : "v6"),
      tag_(Tag(address.ip().data(), address.ip().size(), kAddressDigits)),
      digits_(kAddressDigits) {}

Redacted::Redacted(std::string_view text)
    : tag_(Tag(reinterpret_cast<const uint8_t*>(text.data()), text.size(), kTextDigits)),
      digits_(kTextDigits) {}

}  // namespace sfu
