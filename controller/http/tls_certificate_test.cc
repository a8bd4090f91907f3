#include "controller/http/tls_certificate.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/simulated_clock.h"

namespace sfu::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::TempDir;

// Two self-signed certificates for nobody, good until 2126, and their keys.
constexpr char kCertA[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBeTCCAR+gAwIBAgIUIitES5Cc4mFG57tZcDxRbCbSaIkwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGdGVzdC1hMCAXDTI2MTEyODIyNDgxOFoYDzIxMjYxMTA0MjI0\n"
    "ODE4WjARMQ8wDQYDVQQDDAZ0ZXN0LWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AAS5tz5agMKwqXxB8z2QKmaZlYEYdqnY7TeB3k4zOETNWnUfAbUuFLfHmz9mDKL/\n"
    "hQ8MzZvLqgdx0aqIQ8kv+a+Wo1MwUTAdBgNVHQ4EFgQUayj0lv83PK+lLzYjhSc7\n"
    "2pEFanUwHwYDVR0jBBgwFoAUayj0lv83PK+lLzYjhSc72pEFanUwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAteH8UOu1Lu3GqpPGQRmRNv2MVT2b\n"
    "U8FimfrRz5r34GECID8Aq+6ass+2GwFVvjTiZmvjCSAgUckXOcJDw3nyr91j\n"
    "-----END CERTIFICATE-----\n";
constexpr char kKeyA[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgP+XnHwHIX++yailL\n"
    "bV8GyZOoOyq191DKEhi2+ZsmFkShRANCAAS5tz5agMKwqXxB8z2QKmaZlYEYdqnY\n"
    "7TeB3k4zOETNWnUfAbUuFLfHmz9mDKL/hQ8MzZvLqgdx0aqIQ8kv+a+W\n"
    "-----END PRIVATE KEY-----\n";
constexpr char kCertB[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBejCCAR+gAwIBAgIUQAvP6jdO92VfWdaRX1Uw2OTIzRcwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGdGVzdC1iMCAXDTI2MTEyODIyNDgxOFoYDzIxMjYxMTA0MjI0\n"
    "ODE4WjARMQ8wDQYDVQQDDAZ0ZXN0LWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AARTvYWMClZO5K7Tnv3NIdUKZKKGTqBPnJ4vNNNWb4Cb2iYHNL7/I3y1MKwo4Y5c\n"
    "HFWUScQlSGs1o5eWW48kltAuo1MwUTAdBgNVHQ4EFgQU41vyCV6ZdP66yg2g3ihu\n"
    "//bMUHUwHwYDVR0jBBgwFoAU41vyCV6ZdP66yg2g3ihu//bMUHUwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA7eH9CtrzpIaqHLOaz9JWyCr+X5gS\n"
    "36VkFSLxcBy3AKYCIQCx+GxiUoavV10ehU5N/GcPImYmBt7RgbHaLG130Kurqg==\n"
    "-----END CERTIFICATE-----\n";
constexpr char kKeyB[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmofx9Hfr8cpYuKb/\n"
    "27l+b7QV71gSuTkII2bQs9y2+eyhRANCAARTvYWMClZO5K7Tnv3NIdUKZKKGTqBP\n"
    "nJ4vNNNWb4Cb2iYHNL7/I3y1MKwo4Y5cHFWUScQlSGs1o5eWW48kltAu\n"
    "-----END PRIVATE KEY-----\n";
// The first key again, under a passphrase.
constexpr char kLockedKeyA[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,FDACB7C9102D56BE78F8FABD7244BB4D\n"
    "\n"
    "el4ttoigutVGfVU2LnArMOp3HTqzydzfjhBpqJ/4EQvJypuNNOquIFTFplPgU6CF\n"
    "7K3OQ9LXH4+1zl9eVQ7kVNJgKl2WqGwcA5yy+DQJCjjA0cRbivmN/5yRG6fVQpdq\n"
    "cFRBcmMaYYI+FKASv9ZQJmoqG/RGyXp9vHqmKA8C8ag=\n"
    "-----END EC PRIVATE KEY-----\n";

class TlsCertificateTest : public ::testing::Test {
 protected:
  TlsCertificateTest() : files_{.cert_file = Name("crt"), .key_file = Name("key")} {
    Write(files_.cert_file, kCertA);
    Write(files_.key_file, kKeyA);
  }
  ~TlsCertificateTest() override {
    std::filesystem::remove(files_.cert_file);
    std::filesystem::remove(files_.key_file);
  }

  static std::string Name(std::string_view ending) {
    return fmt::format("{}/tls_{}_{}.{}", TempDir(),
                       ::testing::UnitTest::GetInstance()->current_test_info()->name(), getpid(),
                       ending);
  }
  // Each a second later than the one before: file times may be coarse.
  void Write(const std::string& file, std::string_view content) {
    std::ofstream(file) << content;
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type(std::chrono::seconds(++writes_)));
  }
  std::string Error() {
    const auto certificate = TlsCertificate::Load(clock_.Now(), files_);
    return std::string(certificate.status().message());
  }
  // Whom the certificate that a new connection sees is for.
  std::string NameShown(TlsCertificate& certificate) {
    const auto context = certificate.ContextAt(clock_.Now());
    char name[64];
    X509_NAME_get_text_by_NID(
        X509_get_subject_name(SSL_CTX_get0_certificate(context->native_handle())), NID_commonName,
        name, sizeof(name));
    return name;
  }

  SimulatedClock clock_;
  int writes_ = 0;
  TlsFiles files_;
};

TEST_F(TlsCertificateTest, SpeaksNothingBelowTls12) {
  const auto certificate = TlsCertificate::Load(clock_.Now(), files_);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const auto options =
      SSL_CTX_get_options((*certificate)->ContextAt(clock_.Now())->native_handle());
  EXPECT_NE(options & SSL_OP_NO_TLSv1_1, 0u);
  EXPECT_NE(options & SSL_OP_NO_TLSv1, 0u);
  EXPECT_EQ(options & SSL_OP_NO_TLSv1_2, 0u);
}

TEST_F(TlsCertificateTest, AFailureNamesTheOptionTheFileAndTheReason) {
  std::filesystem::remove(files_.cert_file);
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls.cert_file"), HasSubstr(files_.cert_file),
                             HasSubstr("No such file or directory")));
  Write(files_.cert_file, "no certificate");
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls.cert_file"), HasSubstr("no start line")));
  Write(files_.cert_file, kCertA);
  std::filesystem::remove(files_.key_file);
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls.key_file"), HasSubstr(files_.key_file),
                             HasSubstr("No such file or directory")));
  Write(files_.key_file, kKeyB);
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls.key_file"), HasSubstr("mismatch")));
  Write(files_.key_file, kLockedKeyA);
  EXPECT_THAT(Error(), HasSubstr("tls.key_file"));
}

TEST_F(TlsCertificateTest, ARenewedCertificateIsShownWithoutARestart) {
  const auto certificate = TlsCertificate::Load(clock_.Now(), files_);
  ASSERT_TRUE(certificate.ok());
  EXPECT_EQ(NameShown(**certificate), "test-a");
  Write(files_.cert_file, kCertB);
  Write(files_.key_file, kKeyB);
  EXPECT_EQ(NameShown(**certificate), "test-a");  // Nobody has looked.
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(NameShown(**certificate), "test-b");
}

TEST_F(TlsCertificateTest, HalfwayThroughARenewalTheOldOneGoesOn) {
  const auto certificate = TlsCertificate::Load(clock_.Now(), files_);
  ASSERT_TRUE(certificate.ok());
  Write(files_.cert_file, kCertB);
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(NameShown(**certificate), "test-a");
  Write(files_.key_file, kKeyB);
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(NameShown(**certificate), "test-b");
}

}  // namespace
}  // namespace sfu::http
