#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/types/span.h>

#include "common/base/expected.h"
#include "worker/srtp/profile.h"

namespace sfu::srtp {

// Why a packet was not processed; the caller drops it and counts by reason.
enum class DropReason : uint8_t {
  kMalformed,       // Not RTP/RTCP, or shorter than its own header and the tag.
  kAuthentication,  // The tag is wrong: forged, damaged, or under another key.
  kReplay,          // Seen before, or more than 1,024 packets old [SRTP-3].
  kTooManyStreams,  // A new SSRC beyond kMaxInboundStreams or kMaxOutboundStreams.
};

// A master key of one direction. A secret: never formatted.
struct MasterKey {
  std::vector<uint8_t> key;   // KeyBytes(profile) long.
  std::vector<uint8_t> salt;  // SaltBytes(profile) long.
};

// SRTP and SRTCP of one transport, both directions, any SSRC (RFC 3711, RFC 7714) [SRTP-1].
//
// Works in place on whole packets: `size` bytes at the start of `buffer`, which for Protect…() must
// have room for the profile's overhead behind them (SFU_CHECK). Returns the new size. On an error
// the buffer's contents are undefined. No call allocates, except for the first packet of an SSRC.
//
// Not thread-safe: lives on its room's media thread. Sessions of different threads are independent.
class Session {
 public:
  // Streams that have authenticated at least one packet; strangers cannot use them up, since a
  // packet opens a stream only after its tag was found right [media.md 1.8].
  static constexpr size_t kMaxInboundStreams = 64;
  static constexpr size_t kMaxOutboundStreams = 4096;
  static constexpr size_t kReplayWindowPackets = 1024;  // [SRTP-2]

  // Precondition: the lengths of both keys fit the profile.
  static std::unique_ptr<Session> Create(Profile profile, const MasterKey& outbound,
                                         const MasterKey& inbound);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Expected<size_t, DropReason> ProtectRtp(absl::Span<uint8_t> buffer, size_t size);
  Expected<size_t, DropReason> UnprotectRtp(absl::Span<uint8_t> buffer, size_t size);
  Expected<size_t, DropReason> ProtectRtcp(absl::Span<uint8_t> buffer, size_t size);
  Expected<size_t, DropReason> UnprotectRtcp(absl::Span<uint8_t> buffer, size_t size);

  // Protects the packet header|prefix|payload into `output`, which overlaps none of them, and
  // returns its size: with GCM the payload is encrypted straight from the buffer that all
  // subscribers share, so that no subscriber costs a copy [PERF-31]. `header` is the complete RTP
  // header with CSRCs and extension; `prefix` is what this subscriber's payload begins with instead
  // of the original bytes (a rewritten codec descriptor, an RTX sequence number) and may be empty.
  // `output` must hold all three and overhead_bytes() (SFU_CHECK).
  //
  // A sequence number may be sent again, within the last 1,024 [SRTP-2], but only with exactly the
  // same header and payload: GCM under the same nonce with other bytes, be it one header extension,
  // gives an eavesdropper what he needs to forge packets. Send changed packets on an RTX SSRC.
  Expected<size_t, DropReason> ProtectRtpGather(absl::Span<const uint8_t> header,
                                                absl::Span<const uint8_t> prefix,
                                                absl::Span<const uint8_t> payload,
                                                absl::Span<uint8_t> output);

  // Frees the state of an SSRC that is gone for good, so that long sessions with many short tracks
  // stay within the limits above. An outbound SSRC must never be used again in this session: its
  // packet index would restart, and with it the nonces.
  void ForgetInbound(uint32_t ssrc);
  void ForgetOutbound(uint32_t ssrc);

  Profile profile() const;
  size_t overhead_bytes() const;       // Of one RTP packet.
  size_t rtcp_overhead_bytes() const;  // Of one compound RTCP packet.

 private:
  class Streams;  // libsrtp's side.

  Session();

  std::unique_ptr<Streams> streams_;
};

}  // namespace sfu::srtp
