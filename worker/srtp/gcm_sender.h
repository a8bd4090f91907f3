#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <absl/container/flat_hash_map.h>
#include <absl/types/span.h>

#include "common/base/expected.h"
#include "worker/srtp/drop_reason.h"
#include "worker/srtp/master_key.h"
#include "worker/srtp/packet_index.h"

struct evp_cipher_ctx_st;

namespace sfu::srtp {

// Protects outgoing RTP with AES-GCM (RFC 7714) without libsrtp: one keyed OpenSSL context for all
// streams of a transport, and per stream nothing but its packet index, 16 bytes [PERF-31]. Internal
// to this folder; its contract is Session's. Byte for byte what libsrtp would have made.
class GcmSender {
 public:
  // Precondition: a key of 16 or 32 bytes, which chooses AES-128 or AES-256, and a salt of 12.
  explicit GcmSender(const SessionKey& session_key);
  ~GcmSender();
  GcmSender(const GcmSender&) = delete;
  GcmSender& operator=(const GcmSender&) = delete;

  // Encrypts prefix|payload to `output` and puts the tag behind them; returns the size of all
  // three. `header` is authenticated and read for SSRC and sequence number, not copied. `output`
  // may begin exactly at `payload` if `prefix` is empty, and may not overlap the inputs otherwise.
  Expected<size_t, DropReason> Seal(absl::Span<const uint8_t> header,
                                    absl::Span<const uint8_t> prefix,
                                    absl::Span<const uint8_t> payload, uint8_t* output);

  void Forget(uint32_t ssrc) { streams_.erase(ssrc); }

 private:
  struct Deleter {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  static constexpr size_t kSaltBytes = 12;

  Expected<uint64_t, DropReason> NextIndex(uint32_t ssrc, uint16_t sequence_number);

  std::unique_ptr<evp_cipher_ctx_st, Deleter> context_;
  std::array<uint8_t, kSaltBytes> salt_;
  absl::flat_hash_map<uint32_t, PacketIndex> streams_;
};

}  // namespace sfu::srtp
