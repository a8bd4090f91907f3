#include "worker/srtp/master_key.h"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/evp.h>

#include "common/base/check.h"

namespace sfu::srtp {

void DeriveSessionKey(const MasterKey& master, KeyLabel label, absl::Span<uint8_t> session_key) {
  constexpr size_t kLabelOffset = 7;  // In the 14-byte salt (RFC 3711 §4.3.1).
  std::array<uint8_t, 16> counter = {};
  SFU_CHECK(master.salt.size() <= 14);
  SFU_CHECK(master.key.size() == 16 || master.key.size() == 32);
  std::copy(master.salt.begin(), master.salt.end(), counter.begin());
  counter[kLabelOffset] = static_cast<uint8_t>(counter[kLabelOffset] ^ static_cast<uint8_t>(label));

  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const EVP_CIPHER* cipher = master.key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  int written = 0;
  std::fill(session_key.begin(), session_key.end(), uint8_t{0});
  SFU_CHECK(EVP_EncryptInit_ex(context.get(), cipher, nullptr, master.key.data(), counter.data()) ==
            1);
  SFU_CHECK(EVP_EncryptUpdate(context.get(), session_key.data(), &written, session_key.data(),
                              static_cast<int>(session_key.size())) == 1);
}

SessionKey DeriveRtpSessionKey(const MasterKey& master) {
  SessionKey session = {std::vector<uint8_t>(master.key.size()),
                        std::vector<uint8_t>(master.salt.size())};
  DeriveSessionKey(master, KeyLabel::kRtpEncryption, absl::MakeSpan(session.key));
  DeriveSessionKey(master, KeyLabel::kRtpSalt, absl::MakeSpan(session.salt));
  return session;
}

}  // namespace sfu::srtp
