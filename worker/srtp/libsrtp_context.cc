#include "worker/srtp/libsrtp_context.h"

#include <algorithm>
#include <vector>

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>

#include "common/base/check.h"
#include "worker/srtp/limits.h"
#include "worker/srtp/openssl_ciphers.h"
#include "worker/srtp/rtp_header.h"

namespace sfu::srtp {
namespace {

void SetCiphers(Profile profile, srtp_policy_t& policy) {
  switch (profile) {
    case Profile::kAes128CmSha1Tag80:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
      return;
    case Profile::kAeadAes128Gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
      return;
    case Profile::kAeadAes256Gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
      return;
  }
  SFU_CHECK(false);
}

DropReason ReasonFor(int status) {
  switch (status) {
    case srtp_err_status_auth_fail:
      return DropReason::kAuthentication;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
      return DropReason::kReplay;
    default:
      return DropReason::kMalformed;
  }
}

}  // namespace

void LibsrtpContext::Deleter::operator()(srtp_ctx_t_* context) const { srtp_dealloc(context); }

LibsrtpContext::LibsrtpContext(Direction direction, Profile profile, const MasterKey& master)
    : max_streams_(direction == Direction::kInbound ? kMaxInboundStreams : kMaxOutboundStreams) {
  InstallOpenSslCiphers();
  SFU_CHECK(master.key.size() == KeyBytes(profile));
  SFU_CHECK(master.salt.size() == SaltBytes(profile));
  std::vector<uint8_t> key_and_salt = master.key;
  key_and_salt.insert(key_and_salt.end(), master.salt.begin(), master.salt.end());

  srtp_policy_t policy = {};
  SetCiphers(profile, policy);
  policy.ssrc.type = direction == Direction::kInbound ? ssrc_any_inbound : ssrc_any_outbound;
  policy.key = key_and_salt.data();
  policy.window_size = kReplayWindowPackets;
  policy.allow_repeat_tx = direction == Direction::kOutbound ? 1 : 0;
  srtp_t context = nullptr;
  SFU_CHECK(srtp_create(&context, &policy) == srtp_err_status_ok);
  context_.reset(context);
  OPENSSL_cleanse(key_and_salt.data(), key_and_salt.size());
}

Expected<size_t, DropReason> LibsrtpContext::ProtectRtp(uint8_t* packet, size_t size) {
  if (!RtpHeaderLength(absl::MakeConstSpan(packet, size))) {
    return Unexpected(DropReason::kMalformed);
  }
  return Process([](srtp_ctx_t_* context, void* data,
                    int* length) -> int { return srtp_protect(context, data, length); },
                 LoadU32(packet + kRtpSsrcOffset), packet, size);
}

Expected<size_t, DropReason> LibsrtpContext::UnprotectRtp(uint8_t* packet, size_t size) {
  if (!RtpHeaderLength(absl::MakeConstSpan(packet, size))) {
    return Unexpected(DropReason::kMalformed);
  }
  return Process([](srtp_ctx_t_* context, void* data,
                    int* length) -> int { return srtp_unprotect(context, data, length); },
                 LoadU32(packet + kRtpSsrcOffset), packet, size);
}

Expected<size_t, DropReason> LibsrtpContext::ProtectRtcp(uint8_t* packet, size_t size) {
  if (size < kRtcpFixedHeaderBytes) {
    return Unexpected(DropReason::kMalformed);
  }
  return Process([](srtp_ctx_t_* context, void* data,
                    int* length) -> int { return srtp_protect_rtcp(context, data, length); },
                 LoadU32(packet + kRtcpSsrcOffset), packet, size);
}

Expected<size_t, DropReason> LibsrtpContext::UnprotectRtcp(uint8_t* packet, size_t size) {
  if (size < kRtcpFixedHeaderBytes) {
    return Unexpected(DropReason::kMalformed);
  }
  return Process([](srtp_ctx_t_* context, void* data,
                    int* length) -> int { return srtp_unprotect_rtcp(context, data, length); },
                 LoadU32(packet + kRtcpSsrcOffset), packet, size);
}

Expected<size_t, DropReason> LibsrtpContext::Process(Operation operation, uint32_t ssrc,
                                                     uint8_t* packet, size_t size) {
  const bool known = streams_.contains(ssrc);
  if (!known && streams_.size() >= max_streams_) {
    return Unexpected(DropReason::kTooManyStreams);
  }
  int length = static_cast<int>(size);
  const int status = operation(context_.get(), packet, &length);
  if (status != srtp_err_status_ok) {
    return Unexpected(ReasonFor(status));
  }
  if (!known) {
    streams_.insert(ssrc);
  }
  return static_cast<size_t>(length);
}

void LibsrtpContext::Forget(uint32_t ssrc) {
  if (streams_.erase(ssrc) > 0) {
    // libsrtp keys its streams by the SSRC as it lies in the packet.
    SFU_CHECK(srtp_remove_stream(context_.get(), htonl(ssrc)) == srtp_err_status_ok);
  }
}

}  // namespace sfu::srtp
