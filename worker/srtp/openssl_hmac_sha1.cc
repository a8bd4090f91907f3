#include "worker/srtp/openssl_hmac_sha1.h"

#include <algorithm>
#include <array>
#include <memory>

// OpenSSL 3 calls these functions deprecated in favour of EVP_MAC, which cannot copy a keyed state
// without allocating. Keeping the two keyed states as plain structs saves four SHA-1 blocks' worth
// of work and every allocation per packet.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "worker/srtp/openssl_test_vectors.h"

namespace sfu::srtp {
namespace {

// libsrtp's own record, and behind it ours. libsrtp gets only pointers to it.
struct HmacSha1 {
  srtp_auth_t base;
  SHA_CTX inner;  // Has seen key ^ 0x36..., the state every message starts from.
  SHA_CTX outer;  // Has seen key ^ 0x5c...
  SHA_CTX running;
};

HmacSha1& Self(void* state) { return *static_cast<HmacSha1*>(state); }

srtp_err_status_t Allocate(srtp_auth_t** out, int key_bytes, int tag_bytes) {
  if (key_bytes < 0 || key_bytes > SHA_CBLOCK || tag_bytes < 0 || tag_bytes > SHA_DIGEST_LENGTH) {
    return srtp_err_status_bad_param;
  }
  auto hmac = std::make_unique<HmacSha1>();
  hmac->base = {&openssl_hmac_sha1, hmac.get(), tag_bytes, key_bytes, 0};
  *out = &hmac.release()->base;
  return srtp_err_status_ok;
}

srtp_err_status_t Deallocate(srtp_auth_t* auth) {
  HmacSha1* self = &Self(auth->state);
  OPENSSL_cleanse(self, sizeof(*self));
  delete self;
  return srtp_err_status_ok;
}

void Seed(SHA_CTX& context, const uint8_t* key, int key_bytes, uint8_t pad) {
  std::array<uint8_t, SHA_CBLOCK> block = {};
  std::copy_n(key, key_bytes, block.begin());
  for (uint8_t& byte : block) {
    byte = static_cast<uint8_t>(byte ^ pad);
  }
  SHA1_Init(&context);
  SHA1_Update(&context, block.data(), block.size());
}

srtp_err_status_t SetKey(void* state, const uint8_t* key, int key_bytes) {
  if (key_bytes < 0 || key_bytes > SHA_CBLOCK) {
    return srtp_err_status_bad_param;
  }
  HmacSha1& self = Self(state);
  Seed(self.inner, key, key_bytes, 0x36);
  Seed(self.outer, key, key_bytes, 0x5c);
  self.running = self.inner;
  return srtp_err_status_ok;
}

srtp_err_status_t Start(void* state) {
  Self(state).running = Self(state).inner;
  return srtp_err_status_ok;
}

srtp_err_status_t Update(void* state, const uint8_t* data, int size) {
  SHA1_Update(&Self(state).running, data, static_cast<size_t>(size));
  return srtp_err_status_ok;
}

srtp_err_status_t Compute(void* state, const uint8_t* data, int size, int tag_bytes, uint8_t* tag) {
  if (tag_bytes < 0 || tag_bytes > SHA_DIGEST_LENGTH) {
    return srtp_err_status_bad_param;
  }
  HmacSha1& self = Self(state);
  std::array<uint8_t, SHA_DIGEST_LENGTH> digest;
  SHA1_Update(&self.running, data, static_cast<size_t>(size));
  SHA1_Final(digest.data(), &self.running);
  self.running = self.outer;
  SHA1_Update(&self.running, digest.data(), digest.size());
  SHA1_Final(digest.data(), &self.running);
  std::copy_n(digest.begin(), tag_bytes, tag);
  return srtp_err_status_ok;
}

}  // namespace

const srtp_auth_type_t openssl_hmac_sha1 = {
    Allocate,          Deallocate,    SetKey, Compute, Update, Start, "HMAC-SHA1, OpenSSL (sfu)",
    &hmac_sha1_vector, SRTP_HMAC_SHA1};

}  // namespace sfu::srtp
