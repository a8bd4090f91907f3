#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>
#include <openssl/ssl.h>

#include "worker/dtls/context.h"
#include "worker/dtls/datagram_bio.h"
#include "worker/dtls/failure_reason.h"
#include "worker/dtls/fingerprint.h"
#include "worker/dtls/openssl_handle.h"
#include "worker/dtls/srtp_keys.h"

namespace sfu::dtls {

// One OpenSSL connection over datagrams: the mechanics, while Session decides. Internal to this
// folder. Not movable: OpenSSL holds a pointer to it.
class Engine {
 public:
  Engine(const Context& context, Role role, size_t mtu_bytes, absl::Duration first_timeout);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Has every connection of `context` ask its Engine whether the peer's certificate will do.
  static void InstallVerification(SSL_CTX* context);

  // From now on, a certificate outside this list fails the handshake with an alert.
  void Expect(std::vector<Fingerprint> fingerprints) { expected_ = std::move(fingerprints); }
  bool expects_fingerprints() const { return expected_.has_value(); }
  // Precondition: the handshake is done, fingerprints have been set.
  bool PeerIsExpected() const;

  // Makes `datagram` the next thing that OpenSSL reads, until EndOfDatagram().
  void Feed(absl::Span<const uint8_t> datagram) { pipe_.incoming = datagram; }
  void EndOfDatagram() { pipe_.incoming.reset(); }

  // Takes the handshake as far as it goes. True when it is done; check failure() otherwise.
  bool Advance();
  // The next message, until nullopt; check failure() and closed() then.
  std::optional<std::vector<uint8_t>> Read();
  bool Write(absl::Span<const uint8_t> message);
  void SendCloseNotify();
  std::optional<std::vector<uint8_t>> TakeDatagram();

  // How long until Retransmit() should be called, by OpenSSL's own clock.
  std::optional<absl::Duration> TimeToRetransmission() const;
  // True if a flight went out again. Failing too often is a failure().
  bool Retransmit();

  // Nullopt if the peers have no SRTP profile in common. Precondition: the handshake is done.
  std::optional<SrtpKeys> ExportKeys() const;

  // OpenSSL keeps 18 kB of record buffers between datagrams; this gives them back.
  void ReleaseBuffers();

  std::optional<FailureReason> failure() const { return failure_; }
  bool closed() const;  // The peer has said goodbye.

 private:
  using SslHandle = std::unique_ptr<SSL, OpenSslDeleter<&SSL_free>>;

  static Engine& Of(const SSL* ssl);
  static int VerifyPeer(X509_STORE_CTX* store, void* unused);
  static unsigned int NextTimer(SSL* ssl, unsigned int current_micros);

  bool IsExpected(const X509* certificate) const;
  // Takes OpenSSL's view of a call that returned `result`; records a failure if it is one.
  void NoteResult(int result);

  const Role role_;
  const absl::Duration first_timeout_;
  DatagramPipe pipe_;
  SslHandle ssl_;
  std::optional<std::vector<Fingerprint>> expected_;
  bool rejected_peer_ = false;
  std::optional<FailureReason> failure_;
};

}  // namespace sfu::dtls
