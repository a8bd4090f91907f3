#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <absl/types/span.h>

#include "common/base/expected.h"
#include "worker/srtp/drop_reason.h"
#include "worker/srtp/gcm_sender.h"
#include "worker/srtp/libsrtp_context.h"
#include "worker/srtp/master_key.h"
#include "worker/srtp/profile.h"

namespace sfu::srtp {

// SRTP and SRTCP of one transport, both directions, any SSRC (RFC 3711, RFC 7714) [SRTP-1]; at most
// so many of them (limits.h).
//
// Works in place on whole packets: `size` bytes at the start of `buffer`, which for Protect…() must
// have room for the profile's overhead behind them (SFU_CHECK). Returns the new size. On an error
// the buffer's contents are undefined. No call allocates, except for the first packet of an SSRC.
//
// Not thread-safe: lives on its room's media thread. Sessions of different threads are independent.
class Session {
 public:
  // Precondition: the lengths of both keys fit the profile.
  static std::unique_ptr<Session> Create(Profile profile, const MasterKey& outbound,
                                         const MasterKey& inbound);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // A sequence number may be protected again, within the last 1,024 [SRTP-2], but only with exactly
  // the same header and payload: GCM under the same nonce with other bytes, be it one header
  // extension, gives an eavesdropper what he needs to forge packets. Send changed packets on an RTX
  // SSRC.
  Expected<size_t, DropReason> ProtectRtp(absl::Span<uint8_t> buffer, size_t size);
  Expected<size_t, DropReason> UnprotectRtp(absl::Span<uint8_t> buffer, size_t size);
  Expected<size_t, DropReason> ProtectRtcp(absl::Span<uint8_t> buffer, size_t size);
  Expected<size_t, DropReason> UnprotectRtcp(absl::Span<uint8_t> buffer, size_t size);

  // As ProtectRtp() for the packet header|prefix|payload, put into `output`, which overlaps none of
  // them; returns its size. With GCM the payload is encrypted straight from the buffer that all
  // subscribers share, so that no subscriber costs a copy [PERF-31]. `header` is the complete RTP
  // header with CSRCs and extension; `prefix` is what this subscriber's payload begins with instead
  // of the original bytes (a rewritten codec descriptor, an RTX sequence number) and may be empty.
  // `output` must hold all three and overhead_bytes() (SFU_CHECK).
  Expected<size_t, DropReason> ProtectRtpGather(absl::Span<const uint8_t> header,
                                                absl::Span<const uint8_t> prefix,
                                                absl::Span<const uint8_t> payload,
                                                absl::Span<uint8_t> output);

  // Frees the state of an SSRC that is gone for good, so that long sessions with many short tracks
  // stay within the limits. An outbound SSRC must never be used again in this session: its packet
  // index would restart, and with it the nonces.
  void ForgetInbound(uint32_t ssrc);
  void ForgetOutbound(uint32_t ssrc);

  Profile profile() const { return profile_; }
  size_t overhead_bytes() const { return RtpOverheadBytes(profile_); }
  size_t rtcp_overhead_bytes() const { return RtcpOverheadBytes(profile_); }

 private:
  Session(Profile profile, const MasterKey& outbound, const MasterKey& inbound);

  const Profile profile_;
  LibsrtpContext outbound_;  // With GCM, for RTCP only.
  LibsrtpContext inbound_;
  std::optional<GcmSender> gcm_sender_;  // With GCM, for RTP.
};

}  // namespace sfu::srtp
