#include "worker/srtp/session.h"

#include <algorithm>

#include "common/base/check.h"
#include "worker/srtp/rtp_header.h"

namespace sfu::srtp {
namespace {

uint8_t* Append(absl::Span<const uint8_t> bytes, uint8_t* to) {
  return std::copy(bytes.begin(), bytes.end(), to);
}

}  // namespace

std::unique_ptr<Session> Session::Create(Profile profile, const MasterKey& outbound,
                                         const MasterKey& inbound) {
  return std::unique_ptr<Session>(new Session(profile, outbound, inbound));
}

Session::Session(Profile profile, const MasterKey& outbound, const MasterKey& inbound)
    : profile_(profile),
      outbound_(LibsrtpContext::Direction::kOutbound, profile, outbound),
      inbound_(LibsrtpContext::Direction::kInbound, profile, inbound) {
  if (IsGcm(profile)) {
    gcm_sender_.emplace(DeriveRtpSessionKey(outbound));
  }
}

Expected<size_t, DropReason> Session::ProtectRtp(absl::Span<uint8_t> buffer, size_t size) {
  SFU_CHECK(buffer.size() >= size + overhead_bytes());
  if (!gcm_sender_) {
    return outbound_.ProtectRtp(buffer.data(), size);
  }
  const absl::Span<const uint8_t> packet = buffer.first(size);
  const std::optional<size_t> header_size = RtpHeaderLength(packet);
  if (!header_size) {
    return Unexpected(DropReason::kMalformed);
  }
  const Expected<size_t, DropReason> sealed = gcm_sender_->Seal(
      packet.first(*header_size), {}, packet.subspan(*header_size), buffer.data() + *header_size);
  if (!sealed) {
    return sealed;
  }
  return *header_size + *sealed;
}

Expected<size_t, DropReason> Session::ProtectRtpGather(absl::Span<const uint8_t> header,
                                                       absl::Span<const uint8_t> prefix,
                                                       absl::Span<const uint8_t> payload,
                                                       absl::Span<uint8_t> output) {
  const size_t size = header.size() + prefix.size() + payload.size();
  SFU_CHECK(output.size() >= size + overhead_bytes());
  uint8_t* const behind_header = Append(header, output.data());
  if (!gcm_sender_) {
    Append(payload, Append(prefix, behind_header));
    return outbound_.ProtectRtp(output.data(), size);
  }
  const Expected<size_t, DropReason> sealed =
      gcm_sender_->Seal(header, prefix, payload, behind_header);
  if (!sealed) {
    return sealed;
  }
  return header.size() + *sealed;
}

Expected<size_t, DropReason> Session::UnprotectRtp(absl::Span<uint8_t> buffer, size_t size) {
  SFU_CHECK(buffer.size() >= size);
  return inbound_.UnprotectRtp(buffer.data(), size);
}

Expected<size_t, DropReason> Session::ProtectRtcp(absl::Span<uint8_t> buffer, size_t size) {
  SFU_CHECK(buffer.size() >= size + rtcp_overhead_bytes());
  return outbound_.ProtectRtcp(buffer.data(), size);
}

Expected<size_t, DropReason> Session::UnprotectRtcp(absl::Span<uint8_t> buffer, size_t size) {
  SFU_CHECK(buffer.size() >= size);
  return inbound_.UnprotectRtcp(buffer.data(), size);
}

void Session::ForgetInbound(uint32_t ssrc) { inbound_.Forget(ssrc); }

void Session::ForgetOutbound(uint32_t ssrc) {
  outbound_.Forget(ssrc);
  if (gcm_sender_) {
    gcm_sender_->Forget(ssrc);
  }
}

}  // namespace sfu::srtp
