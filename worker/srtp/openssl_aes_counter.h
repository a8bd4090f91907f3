#pragma once

#include <srtp2/cipher.h>

namespace sfu::srtp {

// AES in SRTP's counter mode (RFC 3711 §4.1.1) by OpenSSL, in the shape libsrtp wants its ciphers.
// Encrypts payloads of the CM profile, and derives the session keys of every profile. Internal to
// this folder.
extern const srtp_cipher_type_t openssl_aes_128_counter;
extern const srtp_cipher_type_t openssl_aes_256_counter;

}  // namespace sfu::srtp
