#pragma once

#include <srtp2/cipher.h>

namespace sfu::srtp {

// AES-GCM by OpenSSL in the shape libsrtp wants its ciphers. Internal to this folder.
//
// The key schedule is set up once and every packet sets only the IV: naming cipher and key again
// costs three times the whole rest.
extern const srtp_cipher_type_t openssl_aes_128_gcm;
extern const srtp_cipher_type_t openssl_aes_256_gcm;

}  // namespace sfu::srtp
