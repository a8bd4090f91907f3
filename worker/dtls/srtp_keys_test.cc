#include "worker/dtls/srtp_keys.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::dtls {
namespace {

using testing::ElementsAreArray;

std::vector<uint8_t> Counting(size_t first, size_t count) {
  std::vector<uint8_t> bytes(count);
  std::iota(bytes.begin(), bytes.end(), static_cast<uint8_t>(first));
  return bytes;
}

TEST(SrtpKeysTest, ExportedLengthsAreThoseOfTheProfiles) {
  EXPECT_EQ(ExportedLength(SrtpProfile::kAeadAes128Gcm), 56u);
  EXPECT_EQ(ExportedLength(SrtpProfile::kAes128CmSha1Tag80), 60u);
  EXPECT_EQ(ExportedLength(SrtpProfile::kAeadAes256Gcm), 88u);
}

// Client key, server key, client salt, server salt (RFC 5764 §4.2).
TEST(SrtpKeysTest, SplitsByRole) {
  for (const SrtpProfile profile : {SrtpProfile::kAeadAes128Gcm, SrtpProfile::kAes128CmSha1Tag80,
                                    SrtpProfile::kAeadAes256Gcm}) {
    const auto [key, salt] = KeyLengths(profile);
    const std::vector<uint8_t> exported = Counting(0, ExportedLength(profile));
    const SrtpKeys server = SplitExportedKeys(profile, Role::kServer, exported);
    EXPECT_THAT(server.remote_key, ElementsAreArray(Counting(0, key)));
    EXPECT_THAT(server.local_key, ElementsAreArray(Counting(key, key)));
    EXPECT_THAT(server.remote_salt, ElementsAreArray(Counting(2 * key, salt)));
    EXPECT_THAT(server.local_salt, ElementsAreArray(Counting(2 * key + salt, salt)));

    const SrtpKeys client = SplitExportedKeys(profile, Role::kClient, exported);
    EXPECT_EQ(client.local_key, server.remote_key);
    EXPECT_EQ(client.remote_key, server.local_key);
    EXPECT_EQ(client.local_salt, server.remote_salt);
    EXPECT_EQ(client.remote_salt, server.local_salt);
  }
}

}  // namespace
}  // namespace sfu::dtls
