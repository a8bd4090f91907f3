#include "worker/srtp/openssl_aes_gcm.h"

#include <array>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "worker/srtp/openssl_test_vectors.h"

namespace sfu::srtp {
namespace {

constexpr int kSaltBytes = 12;
// We offer 16 only; libsrtp tries replacements on its own vectors too, and they have both.
constexpr int kTagBytes = 16;
constexpr int kShortTagBytes = 8;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// libsrtp's own record of a cipher, and behind it ours. libsrtp gets only pointers to it.
struct GcmCipher {
  srtp_cipher_t base;
  const EVP_CIPHER* algorithm;
  std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context;
  // Prebuilt, because looking parameters up by ctrl number costs 25 ns; `data` moves per packet.
  std::array<OSSL_PARAM, 2> tag;
};

GcmCipher& Self(void* state) { return *static_cast<GcmCipher*>(state); }

srtp_err_status_t Allocate(const srtp_cipher_type_t& type, const EVP_CIPHER* algorithm, int id,
                           srtp_cipher_t** out, int key_and_salt_bytes, int tag_bytes) {
  if (key_and_salt_bytes != EVP_CIPHER_get_key_length(algorithm) + kSaltBytes ||
      (tag_bytes != kTagBytes && tag_bytes != kShortTagBytes)) {
    return srtp_err_status_bad_param;
  }
  auto cipher = std::make_unique<GcmCipher>();
  cipher->context.reset(EVP_CIPHER_CTX_new());
  if (cipher->context == nullptr) {
    return srtp_err_status_alloc_fail;
  }
  cipher->algorithm = algorithm;
  cipher->tag = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, nullptr,
                                                   static_cast<size_t>(tag_bytes)),
                 OSSL_PARAM_construct_end()};
  cipher->base = {&type, cipher.get(), key_and_salt_bytes, id};
  *out = &cipher.release()->base;
  return srtp_err_status_ok;
}

srtp_err_status_t Allocate128(srtp_cipher_t** out, int key_and_salt_bytes, int tag_bytes) {
  return Allocate(openssl_aes_128_gcm, EVP_aes_128_gcm(), SRTP_AES_GCM_128, out, key_and_salt_bytes,
                  tag_bytes);
}

srtp_err_status_t Allocate256(srtp_cipher_t** out, int key_and_salt_bytes, int tag_bytes) {
  return Allocate(openssl_aes_256_gcm, EVP_aes_256_gcm(), SRTP_AES_GCM_256, out, key_and_salt_bytes,
                  tag_bytes);
}

srtp_err_status_t Deallocate(srtp_cipher_t* cipher) {
  delete &Self(cipher->state);
  return srtp_err_status_ok;
}

// `key` is followed by the salt, which libsrtp applies to the IV itself.
srtp_err_status_t SetKey(void* state, const uint8_t* key) {
  GcmCipher& self = Self(state);
  return EVP_CipherInit_ex2(self.context.get(), self.algorithm, key, nullptr, 1, nullptr) == 1
             ? srtp_err_status_ok
             : srtp_err_status_init_fail;
}

srtp_err_status_t SetIv(void* state, uint8_t* iv, srtp_cipher_direction_t direction) {
  const int encrypt = direction == srtp_direction_encrypt ? 1 : 0;
  return EVP_CipherInit_ex2(Self(state).context.get(), nullptr, nullptr, iv, encrypt, nullptr) == 1
             ? srtp_err_status_ok
             : srtp_err_status_init_fail;
}

// For SRTCP libsrtp calls this twice, header first, then E flag and index (RFC 7714 §9.2): GCM
// hashes one after the other, which is the concatenation that is wanted.
srtp_err_status_t AddAad(void* state, const uint8_t* aad, uint32_t size) {
  return EVP_Cipher(Self(state).context.get(), nullptr, aad, size) >= 0 ? srtp_err_status_ok
                                                                        : srtp_err_status_algo_fail;
}

srtp_err_status_t Encrypt(void* state, uint8_t* data, unsigned int* size) {
  // Without data there is nothing to do here, and a null pointer would mean the end to EVP.
  if (*size > 0 && EVP_Cipher(Self(state).context.get(), data, data, *size) < 0) {
    return srtp_err_status_cipher_fail;
  }
  return srtp_err_status_ok;
}

srtp_err_status_t GetTag(void* state, uint8_t* tag, uint32_t* size) {
  GcmCipher& self = Self(state);
  self.tag[0].data = tag;
  *size = static_cast<uint32_t>(self.tag[0].data_size);
  const bool done = EVP_Cipher(self.context.get(), nullptr, nullptr, 0) >= 0 &&
                    EVP_CIPHER_CTX_get_params(self.context.get(), self.tag.data()) == 1;
  return done ? srtp_err_status_ok : srtp_err_status_algo_fail;
}

// `data` ends with the tag.
srtp_err_status_t Decrypt(void* state, uint8_t* data, unsigned int* size) {
  GcmCipher& self = Self(state);
  const auto tag_size = static_cast<unsigned int>(self.tag[0].data_size);
  if (*size < tag_size) {
    return srtp_err_status_bad_param;
  }
  const unsigned int data_size = *size - tag_size;
  self.tag[0].data = data + data_size;
  if (EVP_CIPHER_CTX_set_params(self.context.get(), self.tag.data()) != 1) {
    return srtp_err_status_algo_fail;
  }
  if (data_size > 0 && EVP_Cipher(self.context.get(), data, data, data_size) < 0) {
    return srtp_err_status_cipher_fail;
  }
  if (EVP_Cipher(self.context.get(), nullptr, nullptr, 0) < 0) {
    return srtp_err_status_auth_fail;
  }
  *size = data_size;
  return srtp_err_status_ok;
}

}  // namespace

const srtp_cipher_type_t openssl_aes_128_gcm = {Allocate128,
                                                Deallocate,
                                                SetKey,
                                                AddAad,
                                                Encrypt,
                                                Decrypt,
                                                SetIv,
                                                GetTag,
                                                "AES-128-GCM, OpenSSL EVP (sfu)",
                                                &aes_128_gcm_vector,
                                                SRTP_AES_GCM_128};

const srtp_cipher_type_t openssl_aes_256_gcm = {Allocate256,
                                                Deallocate,
                                                SetKey,
                                                AddAad,
                                                Encrypt,
                                                Decrypt,
                                                SetIv,
                                                GetTag,
                                                "AES-256-GCM, OpenSSL EVP (sfu)",
                                                &aes_256_gcm_vector,
                                                SRTP_AES_GCM_256};

}  // namespace sfu::srtp
