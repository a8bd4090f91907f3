#pragma once

#include <srtp2/auth.h>

namespace sfu::srtp {

// HMAC-SHA1 (RFC 2104) by OpenSSL, in the shape libsrtp wants it. Internal to this folder.
extern const srtp_auth_type_t openssl_hmac_sha1;

}  // namespace sfu::srtp
