#include "worker/srtp/openssl_aes_counter.h"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/evp.h>

#include "worker/srtp/openssl_test_vectors.h"

namespace sfu::srtp {
namespace {

constexpr int kSaltBytes = 14;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// libsrtp's own record of a cipher, and behind it ours. libsrtp gets only pointers to it.
struct CounterCipher {
  srtp_cipher_t base;
  const EVP_CIPHER* algorithm;
  std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context;
  std::array<uint8_t, 16> salt;  // Followed by two zeros, where the block counter goes.
};

CounterCipher& Self(void* state) { return *static_cast<CounterCipher*>(state); }

srtp_err_status_t Allocate(const srtp_cipher_type_t& type, const EVP_CIPHER* algorithm, int id,
                           srtp_cipher_t** out, int key_and_salt_bytes) {
  if (key_and_salt_bytes != EVP_CIPHER_get_key_length(algorithm) + kSaltBytes) {
    return srtp_err_status_bad_param;
  }
  auto cipher = std::make_unique<CounterCipher>();
  cipher->context.reset(EVP_CIPHER_CTX_new());
  if (cipher->context == nullptr) {
    return srtp_err_status_alloc_fail;
  }
  cipher->algorithm = algorithm;
  cipher->base = {&type, cipher.get(), key_and_salt_bytes, id};
  *out = &cipher.release()->base;
  return srtp_err_status_ok;
}

srtp_err_status_t Allocate128(srtp_cipher_t** out, int key_and_salt_bytes, int /*tag_bytes*/) {
  return Allocate(openssl_aes_128_counter, EVP_aes_128_ctr(), SRTP_AES_ICM_128, out,
                  key_and_salt_bytes);
}

srtp_err_status_t Allocate256(srtp_cipher_t** out, int key_and_salt_bytes, int /*tag_bytes*/) {
  return Allocate(openssl_aes_256_counter, EVP_aes_256_ctr(), SRTP_AES_ICM_256, out,
                  key_and_salt_bytes);
}

srtp_err_status_t Deallocate(srtp_cipher_t* cipher) {
  delete &Self(cipher->state);
  return srtp_err_status_ok;
}

// `key` is followed by the salt.
srtp_err_status_t SetKey(void* state, const uint8_t* key) {
  CounterCipher& self = Self(state);
  const uint8_t* salt = key + EVP_CIPHER_get_key_length(self.algorithm);
  self.salt = {};
  std::copy_n(salt, kSaltBytes, self.salt.begin());
  return EVP_EncryptInit_ex2(self.context.get(), self.algorithm, key, nullptr, nullptr) == 1
             ? srtp_err_status_ok
             : srtp_err_status_init_fail;
}

srtp_err_status_t SetIv(void* state, uint8_t* iv, srtp_cipher_direction_t /*direction*/) {
  CounterCipher& self = Self(state);
  std::array<uint8_t, 16> counter;
  for (size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<uint8_t>(self.salt[i] ^ iv[i]);
  }
  return EVP_EncryptInit_ex2(self.context.get(), nullptr, nullptr, counter.data(), nullptr) == 1
             ? srtp_err_status_ok
             : srtp_err_status_init_fail;
}

// Its own inverse, so it decrypts too.
srtp_err_status_t AddKeystream(void* state, uint8_t* data, unsigned int* size) {
  return *size == 0 || EVP_Cipher(Self(state).context.get(), data, data, *size) >= 0
             ? srtp_err_status_ok
             : srtp_err_status_cipher_fail;
}

}  // namespace

const srtp_cipher_type_t openssl_aes_128_counter = {Allocate128,
                                                    Deallocate,
                                                    SetKey,
                                                    nullptr,
                                                    AddKeystream,
                                                    AddKeystream,
                                                    SetIv,
                                                    nullptr,
                                                    "AES-128 counter mode, OpenSSL EVP (sfu)",
                                                    &aes_128_counter_vector,
                                                    SRTP_AES_ICM_128};

const srtp_cipher_type_t openssl_aes_256_counter = {Allocate256,
                                                    Deallocate,
                                                    SetKey,
                                                    nullptr,
                                                    AddKeystream,
                                                    AddKeystream,
                                                    SetIv,
                                                    nullptr,
                                                    "AES-256 counter mode, OpenSSL EVP (sfu)",
                                                    &aes_256_counter_vector,
                                                    SRTP_AES_ICM_256};

}  // namespace sfu::srtp
