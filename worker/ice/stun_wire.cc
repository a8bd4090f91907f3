#include "worker/ice/stun_wire.h"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/hmac.h>

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
  Hmac hmac;
  unsigned int length = 0;
  SFU_CHECK(HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), copy.data(),
                 covered.size(), hmac.data(), &length) != nullptr);
  SFU_CHECK(length == kHmacBytes);
  return hmac;
}

}  // namespace sfu::ice
