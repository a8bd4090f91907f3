#include "worker/ice/stun_wire.h"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "common/base/check.h"

namespace sfu::ice {
namespace {

constexpr uint32_t kFingerprintXor = 0x5354554E;

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? 0xEDB88320 ^ value >> 1 : value >> 1;
    }
    table[i] = value;
  }
  return table;
}

// CRC-32 of ITU V.42, as RFC 8489 §14.7 asks. Here rather than from a library because this module
// needs none otherwise and a check is short.
uint32_t Crc32(absl::Span<const uint8_t> bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t byte : bytes) {
    crc = kTable[(crc ^ byte) & 0xFF] ^ crc >> 8;
  }
  return ~crc;
}

struct DigestContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextDeleter>;

using HmacBlock = std::array<uint8_t, SHA_CBLOCK>;

// SHA-1 over `block` and then `rest`.
Hmac Digest(const HmacBlock& block, absl::Span<const uint8_t> rest) {
  // Looking SHA-1 up by name and allocating a context costs more than hashing a check, and
  // OpenSSL's HMAC() does both each time. The context holds nothing between calls.
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  thread_local const DigestContext context(EVP_MD_CTX_new());
  Hmac digest;
  SFU_CHECK(EVP_DigestInit_ex2(context.get(), sha1, nullptr) == 1);
  SFU_CHECK(EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1);
  SFU_CHECK(EVP_DigestUpdate(context.get(), rest.data(), rest.size()) == 1);
  SFU_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

// RFC 2104.
Hmac HmacSha1(std::string_view key, absl::Span<const uint8_t> message) {
  HmacBlock padded_key{};
  SFU_CHECK(key.size() <= padded_key.size());  // Ours have 24 characters.
  std::copy(key.begin(), key.end(), padded_key.begin());
  HmacBlock inner;
  HmacBlock outer;
  for (size_t i = 0; i < padded_key.size(); ++i) {
    inner[i] = padded_key[i] ^ 0x36;
    outer[i] = padded_key[i] ^ 0x5C;
  }
  return Digest(outer, Digest(inner, message));
}

}  // namespace

std::array<uint8_t, 16> AddressMask(const StunTransactionId& transaction_id) {
  std::array<uint8_t, 16> mask = {0x21, 0x12, 0xA4, 0x42};
  std::copy(transaction_id.begin(), transaction_id.end(), mask.begin() + 4);
  return mask;
}

uint32_t FingerprintOf(absl::Span<const uint8_t> covered) {
  return Crc32(covered) ^ kFingerprintXor;
}

Hmac IntegrityOf(absl::Span<const uint8_t> covered, std::string_view password) {
  SFU_CHECK(covered.size() <= kMaxMessageBytes);
  std::array<uint8_t, kMaxMessageBytes> copy;
  std::copy(covered.begin(), covered.end(), copy.begin());
  const size_t attribute_bytes =
      covered.size() - kStunHeaderBytes + kAttributeHeaderBytes + kHmacBytes;
  copy[2] = static_cast<uint8_t>(attribute_bytes >> 8);
  copy[3] = static_cast<uint8_t>(attribute_bytes);
  return HmacSha1(password, absl::MakeConstSpan(copy.data(), covered.size()));
}

}  // namespace sfu::ice
