#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <absl/time/time.h>

#include "common/base/random.h"
#include "worker/dtls/fingerprint.h"

// OpenSSL's own names for its opaque types; only the .cc files of this folder include OpenSSL.
struct evp_pkey_st;
struct x509_st;

namespace sfu::dtls {

// Our identity towards WebRTC peers: a self-signed ECDSA P-256 certificate (RFC 8827 §6.5), made by
// each process for itself and never shared between nodes: a client keeps the association of a
// fingerprint it already knows, so a shared one would leave it with dead keys after a move
// [DTLS-4]. Valid from one day before `now` until 30 days after; make a new one for new transports
// after kRotateAfter.
//
// Immutable, so it may be shared between threads.
class Certificate {
 public:
  static constexpr absl::Duration kRotateAfter = absl::Hours(15 * 24);

  // The common name and the serial number come from `random`; the key comes from OpenSSL's own
  // generator, because nothing but the operating system may choose a private key. Failing is our
  // own bug (or no memory), hence no error.
  static Certificate Generate(Random& random, absl::Time now);

  const Fingerprint& fingerprint() const { return fingerprint_; }  // sha-256.
  absl::Time created() const { return created_; }

  x509_st* x509() const { return x509_.get(); }            // Not the caller's to free.
  evp_pkey_st* private_key() const { return key_.get(); }  // Likewise.

 private:
  struct Deleter {
    void operator()(x509_st* certificate) const;
    void operator()(evp_pkey_st* key) const;
  };

  Certificate() = default;

  std::unique_ptr<x509_st, Deleter> x509_;
  std::unique_ptr<evp_pkey_st, Deleter> key_;
  Fingerprint fingerprint_;
  absl::Time created_;
};

// What fingerprints are taken of.
std::vector<uint8_t> EncodeDer(const x509_st* certificate);

}  // namespace sfu::dtls
