#include "worker/dtls/certificate.h"

#include <string>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "common/base/check.h"

namespace sfu::dtls {
namespace {

constexpr absl::Duration kBackdated = absl::Hours(24);  // For peers whose clocks are behind.
constexpr absl::Duration kLifetime = absl::Hours(30 * 24);

void SetRandomName(X509* certificate, Random& random) {
  const std::string common_name = random.NextText(16, "abcdefghijklmnopqrstuvwxyz0123456789");
  X509_NAME* const name = X509_get_subject_name(certificate);
  SFU_CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                       reinterpret_cast<const uint8_t*>(common_name.data()),
                                       static_cast<int>(common_name.size()), -1, 0) == 1);
  SFU_CHECK(X509_set_issuer_name(certificate, name) == 1);
}

void SetValidity(X509* certificate, absl::Time now) {
  SFU_CHECK(ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(now - kBackdated)));
  SFU_CHECK(ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(now + kLifetime)));
}

}  // namespace

std::vector<uint8_t> EncodeDer(const X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  SFU_CHECK(size > 0);
  std::vector<uint8_t> der(static_cast<size_t>(size));
  uint8_t* end = der.data();
  SFU_CHECK(i2d_X509(certificate, &end) == size);
  return der;
}

void Certificate::Deleter::operator()(x509_st* certificate) const { X509_free(certificate); }
void Certificate::Deleter::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Certificate Certificate::Generate(Random& random, absl::Time now) {
  Certificate result;
  result.created_ = now;
  result.key_.reset(EVP_EC_gen("P-256"));
  result.x509_.reset(X509_new());
  X509* const x509 = result.x509_.get();
  SFU_CHECK(result.key_ != nullptr && x509 != nullptr);

  constexpr long kVersion3 = 2;
  SFU_CHECK(X509_set_version(x509, kVersion3) == 1);
  const uint64_t serial_number = random.NextU64() >> 1 | 1;  // Positive (RFC 5280 §4.1.2.2).
  SFU_CHECK(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial_number) == 1);
  SetRandomName(x509, random);
  SetValidity(x509, now);
  SFU_CHECK(X509_set_pubkey(x509, result.key_.get()) == 1);
  SFU_CHECK(X509_sign(x509, result.key_.get(), EVP_sha256()) > 0);

  result.fingerprint_ = Fingerprint::Of(FingerprintAlgorithm::kSha256, EncodeDer(x509));
  return result;
}

}  // namespace sfu::dtls
