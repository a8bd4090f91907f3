#include "worker/srtp/openssl_ciphers.h"

#include <cstring>

#include <gtest/gtest.h>

#include "worker/srtp/openssl_aes_counter.h"
#include "worker/srtp/openssl_aes_gcm.h"
#include "worker/srtp/openssl_hmac_sha1.h"

// Exported by libsrtp, but declared in a header that is not installed: what its sessions really
// use.
extern "C" {
const srtp_cipher_type_t* srtp_crypto_kernel_get_cipher_type(srtp_cipher_type_id_t id);
const srtp_auth_type_t* srtp_crypto_kernel_get_auth_type(srtp_auth_type_id_t id);
}

namespace sfu::srtp {
namespace {

class OpenSslCiphersTest : public testing::Test {
 protected:
  OpenSslCiphersTest() { InstallOpenSslCiphers(); }
};

TEST_F(OpenSslCiphersTest, NothingWeUseIsLeftToLibsrtpsOwnLibrary) {
  for (const srtp_cipher_type_t* ours : {&openssl_aes_128_counter, &openssl_aes_256_counter,
                                         &openssl_aes_128_gcm, &openssl_aes_256_gcm}) {
    EXPECT_EQ(srtp_crypto_kernel_get_cipher_type(ours->id), ours) << ours->description;
  }
  EXPECT_EQ(srtp_crypto_kernel_get_auth_type(SRTP_HMAC_SHA1), &openssl_hmac_sha1);
}

TEST_F(OpenSslCiphersTest, AllocateCiphersOfOurOwnType) {
  srtp_cipher_t* cipher = nullptr;
  ASSERT_EQ(
      srtp_cipher_type_alloc(srtp_crypto_kernel_get_cipher_type(SRTP_AES_GCM_128), &cipher, 28, 16),
      srtp_err_status_ok);
  EXPECT_NE(std::strstr(cipher->type->description, "OpenSSL"), nullptr);
  srtp_cipher_dealloc(cipher);
}

TEST_F(OpenSslCiphersTest, PassTheirVectors) {
  EXPECT_EQ(srtp_cipher_type_self_test(&openssl_aes_128_counter), srtp_err_status_ok);
  EXPECT_EQ(srtp_cipher_type_self_test(&openssl_aes_256_counter), srtp_err_status_ok);
  EXPECT_EQ(srtp_cipher_type_self_test(&openssl_aes_128_gcm), srtp_err_status_ok);
  EXPECT_EQ(srtp_cipher_type_self_test(&openssl_aes_256_gcm), srtp_err_status_ok);
  EXPECT_EQ(srtp_auth_type_self_test(&openssl_hmac_sha1), srtp_err_status_ok);
}

TEST_F(OpenSslCiphersTest, RefuseLengthsTheyCannotHonour) {
  srtp_cipher_t* cipher = nullptr;
  EXPECT_EQ(openssl_aes_128_gcm.alloc(&cipher, 28, 4), srtp_err_status_bad_param);
  EXPECT_EQ(openssl_aes_128_gcm.alloc(&cipher, 44, 16), srtp_err_status_bad_param);
  EXPECT_EQ(openssl_aes_128_counter.alloc(&cipher, 46, 0), srtp_err_status_bad_param);
  srtp_auth_t* auth = nullptr;
  EXPECT_EQ(openssl_hmac_sha1.alloc(&auth, 20, 21), srtp_err_status_bad_param);
  EXPECT_EQ(openssl_hmac_sha1.alloc(&auth, 65, 10), srtp_err_status_bad_param);
}

TEST_F(OpenSslCiphersTest, InstallingAgainChangesNothing) {
  InstallOpenSslCiphers();
  EXPECT_EQ(srtp_crypto_kernel_get_cipher_type(SRTP_AES_GCM_128), &openssl_aes_128_gcm);
}

}  // namespace
}  // namespace sfu::srtp
