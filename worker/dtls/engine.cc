#include "worker/dtls/engine.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <sys/time.h>

#include "common/base/check.h"

namespace sfu::dtls {
namespace {

constexpr char kExporterLabel[] = "EXTRACTOR-dtls_srtp";  // RFC 5764 §4.2.
constexpr absl::Duration kMaxTimeout = absl::Seconds(4);  // [DTLS-9]
constexpr size_t kMaxRecordPayload = 16'384;              // RFC 6347 §4.1.

std::optional<SrtpProfile> SelectedProfile(SSL* ssl) {
  const SRTP_PROTECTION_PROFILE* const profile = SSL_get_selected_srtp_profile(ssl);
  if (profile == nullptr) {
    return std::nullopt;
  }
  switch (profile->id) {
    case SRTP_AES128_CM_SHA1_80:
      return SrtpProfile::kAes128CmSha1Tag80;
    case SRTP_AEAD_AES_128_GCM:
      return SrtpProfile::kAeadAes128Gcm;
    case SRTP_AEAD_AES_256_GCM:
      return SrtpProfile::kAeadAes256Gcm;
    default:
      return std::nullopt;
  }
}

// From the error queue, which holds what the last call complained about.
FailureReason ReasonForError() {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  if (reason >= SSL_AD_REASON_OFFSET) {
    return FailureReason::kPeerAlert;
  }
  return reason == SSL_R_READ_TIMEOUT_EXPIRED ? FailureReason::kHandshakeTimeout
                                              : FailureReason::kProtocol;
}

}  // namespace

Engine::Engine(const Context& context, Role role, size_t mtu_bytes, absl::Duration first_timeout)
    : role_(role), first_timeout_(first_timeout), ssl_(SSL_new(context.ssl_context())) {
  SFU_CHECK(ssl_ != nullptr);
  pipe_.mtu_bytes = mtu_bytes;
  SSL_set_app_data(ssl_.get(), this);
  BIO* const bio = NewDatagramBio(pipe_);
  SSL_set_bio(ssl_.get(), bio, bio);  // Takes over the one reference.
  SFU_CHECK(DTLS_set_link_mtu(ssl_.get(), static_cast<long>(mtu_bytes)) > 0);
  DTLS_set_timer_cb(ssl_.get(), &Engine::NextTimer);
  if (role == Role::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

Engine& Engine::Of(const SSL* ssl) { return *static_cast<Engine*>(SSL_get_app_data(ssl)); }

void Engine::InstallVerification(SSL_CTX* context) {
  SSL_CTX_set_cert_verify_callback(context, &Engine::VerifyPeer, nullptr);
}

// Replaces the verification of chains: a self-signed certificate has none, and what vouches for it
// is the fingerprint in the SDP. Without one, judgement is put off until it comes [DTLS-5].
int Engine::VerifyPeer(X509_STORE_CTX* store, void* /*unused*/) {
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  Engine& self = Of(ssl);
  if (self.expected_ && !self.IsExpected(X509_STORE_CTX_get0_cert(store))) {
    self.rejected_peer_ = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
  }
  return 1;
}

// OpenSSL asks for the first interval with zero, and for each following one with the last.
unsigned int Engine::NextTimer(SSL* ssl, unsigned int current_micros) {
  const absl::Duration next =
      current_micros == 0 ? Of(ssl).first_timeout_
                          : std::min(absl::Microseconds(2 * int64_t{current_micros}), kMaxTimeout);
  return static_cast<unsigned int>(absl::ToInt64Microseconds(next));
}

bool Engine::IsExpected(const X509* certificate) const {
  const std::vector<uint8_t> der = EncodeDer(certificate);
  return expected_ &&
         std::any_of(expected_->begin(), expected_->end(), [&der](const Fingerprint& candidate) {
           return Fingerprint::Of(candidate.algorithm, der) == candidate;
         });
}

bool Engine::PeerIsExpected() const {
  const X509Handle certificate(SSL_get1_peer_certificate(ssl_.get()));
  return certificate != nullptr && IsExpected(certificate.get());
}

bool Engine::Advance() {
  ERR_clear_error();
  NoteResult(SSL_do_handshake(ssl_.get()));
  return !failure_ && SSL_is_init_finished(ssl_.get()) == 1;
}

std::optional<std::vector<uint8_t>> Engine::Read() {
  std::array<uint8_t, kMaxRecordPayload> message;  // Not cleared: half a microsecond per datagram.
  ERR_clear_error();
  const int result = SSL_read(ssl_.get(), message.data(), static_cast<int>(message.size()));
  if (result <= 0) {
    NoteResult(result);
    return std::nullopt;
  }
  return std::vector<uint8_t>(message.begin(), message.begin() + result);
}

bool Engine::Write(absl::Span<const uint8_t> message) {
  ERR_clear_error();
  SFU_CHECK(SSL_alloc_buffers(ssl_.get()) == 1);  // Writing does not get them back by itself.
  const int result = SSL_write(ssl_.get(), message.data(), static_cast<int>(message.size()));
  if (result <= 0) {
    NoteResult(result);
  }
  return result > 0;
}

void Engine::SendCloseNotify() {
  ERR_clear_error();
  SFU_CHECK(SSL_alloc_buffers(ssl_.get()) == 1);
  SSL_shutdown(ssl_.get());
}

std::optional<std::vector<uint8_t>> Engine::TakeDatagram() {
  if (pipe_.outgoing.empty()) {
    return std::nullopt;
  }
  std::vector<uint8_t> datagram = std::move(pipe_.outgoing.front());
  pipe_.outgoing.pop_front();
  return datagram;
}

std::optional<absl::Duration> Engine::TimeToRetransmission() const {
  timeval remaining = {};
  if (DTLSv1_get_timeout(ssl_.get(), &remaining) != 1) {
    return std::nullopt;
  }
  return absl::DurationFromTimeval(remaining);
}

bool Engine::Retransmit() {
  ERR_clear_error();
  const long result = DTLSv1_handle_timeout(ssl_.get());
  if (result < 0) {
    failure_ = ReasonForError();
  }
  return result > 0;
}

std::optional<SrtpKeys> Engine::ExportKeys() const {
  const std::optional<SrtpProfile> profile = SelectedProfile(ssl_.get());
  if (!profile) {
    return std::nullopt;
  }
  std::vector<uint8_t> exported(ExportedLength(*profile));
  SFU_CHECK(SSL_export_keying_material(ssl_.get(), exported.data(), exported.size(), kExporterLabel,
                                       sizeof(kExporterLabel) - 1, nullptr, 0, 0) == 1);
  SrtpKeys keys = SplitExportedKeys(*profile, role_, exported);
  OPENSSL_cleanse(exported.data(), exported.size());
  return keys;
}

void Engine::ReleaseBuffers() {
  // Refused, harmlessly, while something is half read.
  [[maybe_unused]] const int released = SSL_free_buffers(ssl_.get());
}

bool Engine::closed() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

void Engine::NoteResult(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_ZERO_RETURN:
      return;
    default:
      failure_ = rejected_peer_ ? FailureReason::kFingerprintMismatch : ReasonForError();
  }
}

}  // namespace sfu::dtls
