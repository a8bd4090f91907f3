#pragma once

#include <memory>

#include "worker/dtls/certificate.h"
#include "worker/dtls/fingerprint.h"

struct ssl_ctx_st;

namespace sfu::dtls {

// What all sessions under one certificate have in common: protocol version, ciphers, groups, SRTP
// profiles and the certificate itself. Made once per certificate; making one costs milliseconds.
//
// Thread-safe once made: OpenSSL counts references to it atomically, and nothing else changes. A
// session keeps what it needs alive by itself, so a rotated context may be destroyed at once.
class Context {
 public:
  // DTLS 1.2 only, no renegotiation, tickets, session cache or compression [DTLS-1]; ciphers and
  // groups of [DTLS-6]; SRTP profiles in our order of preference [DTLS-3]; a peer certificate is
  // demanded, and judged by the session [DTLS-5].
  explicit Context(const Certificate& certificate);

  const Fingerprint& fingerprint() const { return fingerprint_; }  // Of our certificate, sha-256.
  ssl_ctx_st* ssl_context() const { return context_.get(); }       // Not the caller's to free.

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };

  std::unique_ptr<ssl_ctx_st, Deleter> context_;
  Fingerprint fingerprint_;
};

}  // namespace sfu::dtls
