#include "worker/srtp/gcm_sender.h"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "common/base/check.h"
#include "worker/srtp/limits.h"
#include "worker/srtp/rtp_header.h"

namespace sfu::srtp {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kIvBytes = 12;

// 00 00 | SSRC | rollover counter | sequence number, xor the salt (RFC 7714 §8.1).
std::array<uint8_t, kIvBytes> MakeIv(const std::array<uint8_t, kIvBytes>& salt, uint32_t ssrc,
                                     uint64_t index) {
  std::array<uint8_t, kIvBytes> iv = salt;
  for (size_t i = 0; i < 4; ++i) {
    iv[2 + i] = static_cast<uint8_t>(iv[2 + i] ^ static_cast<uint8_t>(ssrc >> (24 - 8 * i)));
  }
  for (size_t i = 0; i < 6; ++i) {
    iv[6 + i] = static_cast<uint8_t>(iv[6 + i] ^ static_cast<uint8_t>(index >> (40 - 8 * i)));
  }
  return iv;
}

// EVP_Cipher() is the shortest public way into the cipher; a null `output` means that `input` is
// only authenticated. Cannot fail on sizes and states that we choose ourselves.
void Feed(EVP_CIPHER_CTX* context, uint8_t* output, absl::Span<const uint8_t> input) {
  if (!input.empty()) {
    SFU_CHECK(EVP_Cipher(context, output, input.data(), static_cast<unsigned>(input.size())) >= 0);
  }
}

void Finish(EVP_CIPHER_CTX* context, uint8_t* tag) {
  OSSL_PARAM get_tag[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTagBytes),
      OSSL_PARAM_construct_end()};
  SFU_CHECK(EVP_Cipher(context, nullptr, nullptr, 0) >= 0);
  SFU_CHECK(EVP_CIPHER_CTX_get_params(context, get_tag) == 1);
}

}  // namespace

void GcmSender::Deleter::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

GcmSender::GcmSender(const SessionKey& session_key) : context_(EVP_CIPHER_CTX_new()) {
  SFU_CHECK(session_key.key.size() == 16 || session_key.key.size() == 32);
  SFU_CHECK(session_key.salt.size() == salt_.size());
  const EVP_CIPHER* cipher = session_key.key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  SFU_CHECK(EVP_EncryptInit_ex2(context_.get(), cipher, session_key.key.data(), nullptr, nullptr) ==
            1);
  std::copy(session_key.salt.begin(), session_key.salt.end(), salt_.begin());
}

GcmSender::~GcmSender() = default;

Expected<size_t, DropReason> GcmSender::Seal(absl::Span<const uint8_t> header,
                                             absl::Span<const uint8_t> prefix,
                                             absl::Span<const uint8_t> payload, uint8_t* output) {
  SFU_CHECK(header.size() >= kRtpFixedHeaderBytes);
  const uint32_t ssrc = LoadU32(&header[kRtpSsrcOffset]);
  const Expected<uint64_t, DropReason> index = NextIndex(ssrc, LoadU16(&header[2]));
  if (!index) {
    return Unexpected(index.error());
  }
  const std::array<uint8_t, kIvBytes> iv = MakeIv(salt_, ssrc, *index);
  SFU_CHECK(EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, iv.data(), nullptr) == 1);
  Feed(context_.get(), nullptr, header);
  Feed(context_.get(), output, prefix);
  Feed(context_.get(), output + prefix.size(), payload);
  const size_t encrypted_size = prefix.size() + payload.size();
  Finish(context_.get(), output + encrypted_size);
  return encrypted_size + kTagBytes;
}

Expected<uint64_t, DropReason> GcmSender::NextIndex(uint32_t ssrc, uint16_t sequence_number) {
  auto stream = streams_.find(ssrc);
  if (stream == streams_.end()) {
    if (streams_.size() >= kMaxOutboundStreams) {
      return Unexpected(DropReason::kTooManyStreams);
    }
    stream = streams_.emplace(ssrc, PacketIndex()).first;
  }
  const std::optional<uint64_t> index = stream->second.Next(sequence_number, kReplayWindowPackets);
  if (!index) {
    return Unexpected(DropReason::kReplay);
  }
  return *index;
}

}  // namespace sfu::srtp
