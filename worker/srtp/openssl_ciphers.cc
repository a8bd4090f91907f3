#include "worker/srtp/openssl_ciphers.h"

#include <srtp2/srtp.h>

#include "common/base/check.h"
#include "worker/srtp/openssl_aes_counter.h"
#include "worker/srtp/openssl_aes_gcm.h"
#include "worker/srtp/openssl_hmac_sha1.h"

namespace sfu::srtp {
namespace {

void Replace(const srtp_cipher_type_t& type) {
  SFU_CHECK(srtp_replace_cipher_type(&type, type.id) == srtp_err_status_ok);
}

bool Install() {
  SFU_CHECK(srtp_init() == srtp_err_status_ok);
  Replace(openssl_aes_128_counter);
  Replace(openssl_aes_256_counter);
  Replace(openssl_aes_128_gcm);
  Replace(openssl_aes_256_gcm);
  SFU_CHECK(srtp_replace_auth_type(&openssl_hmac_sha1, openssl_hmac_sha1.id) == srtp_err_status_ok);
  return true;
}

}  // namespace

void InstallOpenSslCiphers() { [[maybe_unused]] static const bool installed = Install(); }

}  // namespace sfu::srtp
