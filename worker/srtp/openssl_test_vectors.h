#pragma once

#include <srtp2/auth.h>
#include <srtp2/cipher.h>

namespace sfu::srtp {

// What libsrtp tries a replaced cipher on before it accepts it: it demands at least one case each.
// Internal to this folder.
extern const srtp_cipher_test_case_t kAes128CounterVector;  // RFC 3711 appendix B.2.
extern const srtp_cipher_test_case_t kAes256CounterVector;  // RFC 6188 section 7.1.
extern const srtp_cipher_test_case_t kAes128GcmVector;      // RFC 7714 section 16.1.
extern const srtp_cipher_test_case_t kAes256GcmVector;      // RFC 7714 section 16.2.
extern const srtp_auth_test_case_t kHmacSha1Vector;         // RFC 2202 section 3, case 1.

}  // namespace sfu::srtp
