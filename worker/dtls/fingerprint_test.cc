#include "worker/dtls/fingerprint.h"

#include <gtest/gtest.h>

namespace sfu::dtls {
namespace {

// The SHA-256 of "abc" (FIPS 180-4).
constexpr char kAbcSha256[] =
    "sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:"
    "F2:00:15:AD";
const uint8_t kAbc[] = {'a', 'b', 'c'};

TEST(FingerprintTest, WritesWhatSdpWants) {
  EXPECT_EQ(Fingerprint::Of(FingerprintAlgorithm::kSha256, kAbc).ToSdp(), kAbcSha256);
}

TEST(FingerprintTest, ReadsWhatItWrites) {
  for (const FingerprintAlgorithm algorithm :
       {FingerprintAlgorithm::kSha256, FingerprintAlgorithm::kSha384,
        FingerprintAlgorithm::kSha512}) {
    const Fingerprint fingerprint = Fingerprint::Of(algorithm, kAbc);
    EXPECT_EQ(Fingerprint::Parse(fingerprint.ToSdp()), fingerprint);
  }
}

TEST(FingerprintTest, ReadsAnyCase) {
  std::string text = kAbcSha256;
  for (char& c : text) {
    c = static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
  }
  EXPECT_EQ(Fingerprint::Parse(text), Fingerprint::Parse(kAbcSha256));
  text.replace(0, 7, "SHA-256");
  EXPECT_TRUE(Fingerprint::Parse(text));
}

TEST(FingerprintTest, RejectsWeakDigests) {
  EXPECT_FALSE(
      Fingerprint::Parse("sha-1 A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D"));
  EXPECT_FALSE(Fingerprint::Parse("md5 90:01:50:98:3C:D2:4F:B0:D6:96:3F:7D:28:E1:7F:72"));
  std::string sha224 = kAbcSha256;
  sha224.replace(0, 7, "sha-224");
  EXPECT_FALSE(Fingerprint::Parse(sha224));
}

TEST(FingerprintTest, RejectsEveryTruncationAndAnyExtraByte) {
  const std::string text = kAbcSha256;
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(Fingerprint::Parse(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(Fingerprint::Parse(text + ":00"));
  EXPECT_FALSE(Fingerprint::Parse(text + " "));
}

TEST(FingerprintTest, RejectsOtherSeparatorsAndDigits) {
  std::string text = kAbcSha256;
  text[10] = '-';
  EXPECT_FALSE(Fingerprint::Parse(text));
  text = kAbcSha256;
  text[8] = 'G';
  EXPECT_FALSE(Fingerprint::Parse(text));
}

}  // namespace
}  // namespace sfu::dtls
