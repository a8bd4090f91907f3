#include "worker/dtls/certificate.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/support/seeded_random.h"

namespace sfu::dtls {
namespace {

const absl::Time now = absl::FromUnixSeconds(1'760'000'000);

std::string CommonName(const Certificate& certificate) {
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.x509()), NID_commonName, name,
                            sizeof(name));
  return name;
}

// ASN1_TIME_cmp_time_t() is -1, 0 or 1.
bool Equals(const ASN1_TIME* encoded, absl::Time time) {
  return ASN1_TIME_cmp_time_t(encoded, absl::ToTimeT(time)) == 0;
}

TEST(CertificateTest, IsValidFromYesterdayForThirtyDays) {
  SeededRandom random(1);
  const Certificate certificate = Certificate::Generate(random, now);
  EXPECT_TRUE(Equals(X509_get0_notBefore(certificate.x509()), now - absl::Hours(24)));
  EXPECT_TRUE(Equals(X509_get0_notAfter(certificate.x509()), now + absl::Hours(30 * 24)));
}

TEST(CertificateTest, IsSignedByItsOwnP256KeyWithSha256) {
  SeededRandom random(1);
  const Certificate certificate = Certificate::Generate(random, now);
  EXPECT_EQ(X509_verify(certificate.x509(), certificate.private_key()), 1);
  EXPECT_EQ(X509_get_signature_nid(certificate.x509()), NID_ecdsa_with_SHA256);
  char group[32] = {};
  EVP_PKEY_get_group_name(certificate.private_key(), group, sizeof(group), nullptr);
  EXPECT_STREQ(group, "prime256v1");
}

TEST(CertificateTest, NamesAreRandomAndKeysNeverShared) {
  SeededRandom random(1);
  const Certificate a = Certificate::Generate(random, now);
  const Certificate b = Certificate::Generate(random, now);
  EXPECT_EQ(CommonName(a).size(), 16u);
  EXPECT_NE(CommonName(a), CommonName(b));
  EXPECT_NE(a.fingerprint(), b.fingerprint());
  SeededRandom same_seed(1);
  const Certificate c = Certificate::Generate(same_seed, now);
  EXPECT_EQ(CommonName(a), CommonName(c));
  EXPECT_NE(a.fingerprint(), c.fingerprint());  // The key is not ours to seed.
}

TEST(CertificateTest, FingerprintIsThatOfTheDerForm) {
  SeededRandom random(1);
  const Certificate certificate = Certificate::Generate(random, now);
  EXPECT_EQ(certificate.fingerprint(),
            Fingerprint::Of(FingerprintAlgorithm::kSha256, EncodeDer(certificate.x509())));
}

}  // namespace
}  // namespace sfu::dtls
