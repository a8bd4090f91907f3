#pragma once

#include <srtp2/auth.h>
#include <srtp2/cipher.h>

namespace sfu::srtp {

// What libsrtp tries a replaced cipher on before it accepts it: it demands at least one case each.
// Internal to this folder.
extern const srtp_cipher_test_case_t aes_128_counter_vector;  // RFC 3711 appendix B.2.
extern const srtp_cipher_test_case_t aes_256_counter_vector;  // RFC 6188 section 7.1.
extern const srtp_cipher_test_case_t aes_128_gcm_vector;      // RFC 7714 section 16.1.
extern const srtp_cipher_test_case_t aes_256_gcm_vector;      // RFC 7714 section 16.2.
extern const srtp_auth_test_case_t hmac_sha1_vector;          // RFC 2202 section 3, case 1.

}  // namespace sfu::srtp
