#include "worker/dtls/context.h"

#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include "common/base/check.h"
#include "worker/dtls/engine.h"

namespace sfu::dtls {
namespace {

// In our order, which wins when we are the server. AES-128-GCM first: it is the fastest here; the
// last one is the mandatory suite of RFC 8827 §6.5's older readers [DTLS-6].
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA";
constexpr char kGroups[] = "X25519:P-256:P-384";
// GCM costs half of CM per packet; 256 bits add nothing under a 128-bit handshake [DTLS-3].
constexpr char kSrtpProfiles[] =
    "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM";

}  // namespace

void Context::Deleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Context::Context(const Certificate& certificate)
    : context_(SSL_CTX_new(DTLS_method())), fingerprint_(certificate.fingerprint()) {
  SSL_CTX* const context = context_.get();
  SFU_CHECK(context != nullptr);
  SFU_CHECK(SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1);
  SFU_CHECK(SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SFU_CHECK(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  SFU_CHECK(SSL_CTX_set1_groups_list(context, kGroups) == 1);
  SFU_CHECK(SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0);  // Zero is success here.
  SFU_CHECK(SSL_CTX_use_certificate(context, certificate.x509()) == 1);
  SFU_CHECK(SSL_CTX_use_PrivateKey(context, certificate.private_key()) == 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  Engine::InstallVerification(context);
}

}  // namespace sfu::dtls
