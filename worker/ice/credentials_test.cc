#include "worker/ice/credentials.h"

#include <cctype>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu::ice {
namespace {

TEST(CredentialsTest, AreLongEnoughAndOfIceCharacters) {
  SeededRandom random(1);
  const Credentials credentials = GenerateCredentials(random, 3);
  EXPECT_GE(credentials.ufrag.size(), 8u);
  EXPECT_LE(credentials.ufrag.size(), 12u);
  EXPECT_EQ(credentials.password.size(), 24u);
  for (const char c : credentials.ufrag + credentials.password) {
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/') << c;
  }
}

TEST(CredentialsTest, EveryThreadIndexSurvivesTheRoundTrip) {
  SeededRandom random(1);
  for (uint32_t index = 0; index <= kMaxThreadIndex; ++index) {
    EXPECT_EQ(ThreadIndexOf(GenerateCredentials(random, index).ufrag), index);
  }
}

TEST(CredentialsTest, TwoAreNeverAlike) {
  SeededRandom random(1);
  const Credentials first = GenerateCredentials(random, 0);
  const Credentials second = GenerateCredentials(random, 0);
  EXPECT_NE(first.ufrag, second.ufrag);
  EXPECT_NE(first.password, second.password);
}

TEST(CredentialsTest, StrangersUfragsNameNoThread) {
  EXPECT_EQ(ThreadIndexOf(""), std::nullopt);
  EXPECT_EQ(ThreadIndexOf("AB"), std::nullopt);
  EXPECT_EQ(ThreadIndexOf("A-cdefghij"), std::nullopt);
  EXPECT_EQ(ThreadIndexOf("ABcdefghijk"), std::nullopt);
}

}  // namespace
}  // namespace sfu::ice
