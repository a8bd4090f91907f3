// Published test vectors for what SRTP is made of, run through the code that packets take.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <absl/strings/escaping.h>
#include <gtest/gtest.h>

#include "worker/srtp/gcm_sender.h"
#include "worker/srtp/master_key.h"
#include "worker/srtp/openssl_aes_counter.h"
#include "worker/srtp/openssl_aes_gcm.h"

namespace sfu::srtp {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes FromHex(std::string_view hex) {
  const std::string raw = absl::HexStringToBytes(absl::string_view(hex.data(), hex.size()));
  return {raw.begin(), raw.end()};
}

Bytes Join(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A cipher of ours, made and keyed as libsrtp does it.
class Cipher {
 public:
  Cipher(const srtp_cipher_type_t& type, const Bytes& key_and_salt, int tag_bytes) {
    EXPECT_EQ(
        srtp_cipher_type_alloc(&type, &cipher_, static_cast<int>(key_and_salt.size()), tag_bytes),
        srtp_err_status_ok);
    EXPECT_EQ(srtp_cipher_init(cipher_, key_and_salt.data()), srtp_err_status_ok);
  }
  ~Cipher() { srtp_cipher_dealloc(cipher_); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  srtp_cipher_t* get() { return cipher_; }

 private:
  srtp_cipher_t* cipher_ = nullptr;
};

TEST(SrtpVectorsTest, Rfc3711B2Keystream) {
  Cipher cipher(openssl_aes_128_counter,
                FromHex("2b7e151628aed2a6abf7158809cf4f3cf0f1f2f3f4f5f6f7f8f9fafbfcfd"), 0);
  Bytes iv(16);
  Bytes keystream(48);
  auto size = static_cast<uint32_t>(keystream.size());
  ASSERT_EQ(srtp_cipher_set_iv(cipher.get(), iv.data(), srtp_direction_encrypt),
            srtp_err_status_ok);
  ASSERT_EQ(srtp_cipher_output(cipher.get(), keystream.data(), &size), srtp_err_status_ok);
  EXPECT_EQ(keystream, FromHex("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
                               "41e95b3bb0a2e8dd477901e4fca894c0"));
}

TEST(SrtpVectorsTest, Rfc3711B3KeyDerivation) {
  const MasterKey master = {FromHex("e1f97a0d3e018be0d64fa32c06de4139"),
                            FromHex("0ec675ad498afeebb6960b3aabe6")};
  Bytes key(16);
  Bytes salt(14);
  Bytes authentication(20);
  DeriveSessionKey(master, KeyLabel::kRtpEncryption, absl::MakeSpan(key));
  DeriveSessionKey(master, KeyLabel::kRtpSalt, absl::MakeSpan(salt));
  DeriveSessionKey(master, KeyLabel::kRtpAuthentication, absl::MakeSpan(authentication));
  EXPECT_EQ(key, FromHex("c61e7a93744f39ee10734afe3ff7a087"));
  EXPECT_EQ(salt, FromHex("30cbbc08863d8c85d49db34a9ae1"));
  EXPECT_EQ(authentication, FromHex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
}

struct GcmVector {
  const srtp_cipher_type_t& type;
  std::string_view key;
  std::string_view rtp;   // RFC 7714 §16: ciphertext and tag.
  std::string_view rtcp;  // §17: likewise.
};
const GcmVector gcm_vectors[] = {
    {openssl_aes_128_gcm, "000102030405060708090a0b0c0d0e0f",
     "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
     "899d7f27beb16a9152cf765ee4390cce",
     "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
     "c84aa45896cf4d2fc5abf87245d9eade"},
    {openssl_aes_256_gcm, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
     "7aa3db36dfffd6b0f9bb7878d7a76c13",
     "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
     "1d1eb30c4446839f57ff6f6cb26ac3be"},
};
constexpr char kGcmSalt[] = "517569642070726f2071756f";

TEST(SrtpVectorsTest, Rfc7714Section16Rtp) {
  const Bytes header = FromHex("8040f17b8041f8d35501a0b2");
  const std::string_view text = "Gallia est omnis divisa in partes tres";
  const Bytes payload(text.begin(), text.end());
  for (const GcmVector& vector : gcm_vectors) {
    for (const size_t cut : {size_t{0}, size_t{1}, size_t{17}, payload.size()}) {
      GcmSender sender({FromHex(vector.key), FromHex(kGcmSalt)});
      Bytes output(payload.size() + 16);
      const absl::Span<const uint8_t> whole = payload;
      ASSERT_TRUE(sender.Seal(header, whole.first(cut), whole.subspan(cut), output.data()));
      EXPECT_EQ(output, FromHex(vector.rtp)) << vector.type.description << " cut " << cut;
    }
  }
}

// The authenticated data comes in two parts, header first, then E flag and index: a cipher that
// took only one of them would pass every test of RTP.
TEST(SrtpVectorsTest, Rfc7714Section17Rtcp) {
  const Bytes header = FromHex("81c8000d4d617273");
  const Bytes trailer = FromHex("800005d4");
  const Bytes plaintext = FromHex(
      "4e5450314e545032525450200000042a0000e9304c756e61"
      "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
  Bytes iv = FromHex("517524055203726f207170bb");
  for (const GcmVector& vector : gcm_vectors) {
    Cipher cipher(vector.type, Join(FromHex(vector.key), FromHex(kGcmSalt)), 16);
    const auto begin = [&](srtp_cipher_direction_t direction) {
      EXPECT_EQ(srtp_cipher_set_iv(cipher.get(), iv.data(), direction), srtp_err_status_ok);
      EXPECT_EQ(
          srtp_cipher_set_aad(cipher.get(), header.data(), static_cast<uint32_t>(header.size())),
          srtp_err_status_ok);
      EXPECT_EQ(
          srtp_cipher_set_aad(cipher.get(), trailer.data(), static_cast<uint32_t>(trailer.size())),
          srtp_err_status_ok);
    };
    Bytes data = plaintext;
    auto size = static_cast<uint32_t>(data.size());
    data.resize(size + 16);
    uint32_t tag_size = 0;
    begin(srtp_direction_encrypt);
    ASSERT_EQ(srtp_cipher_encrypt(cipher.get(), data.data(), &size), srtp_err_status_ok);
    ASSERT_EQ(srtp_cipher_get_tag(cipher.get(), data.data() + size, &tag_size), srtp_err_status_ok);
    EXPECT_EQ(data, FromHex(vector.rtcp)) << vector.type.description;

    size = static_cast<uint32_t>(data.size());
    begin(srtp_direction_decrypt);
    ASSERT_EQ(srtp_cipher_decrypt(cipher.get(), data.data(), &size), srtp_err_status_ok);
    data.resize(size);
    EXPECT_EQ(data, plaintext);
  }
}

}  // namespace
}  // namespace sfu::srtp
