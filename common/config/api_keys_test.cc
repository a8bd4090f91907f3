#include "common/config/api_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kDigits[] = "0123456789012345678901234567890123456789012345678901234567890123";

TEST(ApiKeysTest, ReadsSeveralLines) {
  const auto keys = ReadApiKeys("a: first\nb: 'second'\n", BareNumbers::kAreDropped);
  ASSERT_TRUE(keys.has_value());
  EXPECT_THAT(keys->keys, ElementsAre(Pair("a", "first"), Pair("b", "second")));
  EXPECT_THAT(keys->dropped, IsEmpty());
}

TEST(ApiKeysTest, ASecretOfDigitsOnlyWantsQuotesInAVariable) {
  const std::string bare = std::string("key: ") + kDigits;
  EXPECT_THAT(ReadApiKeys(bare, BareNumbers::kAreDropped)->dropped, ElementsAre("key"));
  const std::string quoted = std::string("key: \"") + kDigits + "\"";
  EXPECT_THAT(ReadApiKeys(quoted, BareNumbers::kAreDropped)->keys,
              ElementsAre(Pair("key", kDigits)));
}

TEST(ApiKeysTest, InAFileItIsText) {
  const std::string bare = std::string("key: ") + kDigits;
  EXPECT_THAT(ReadApiKeys(bare, BareNumbers::kAreText)->keys, ElementsAre(Pair("key", kDigits)));
}

TEST(ApiKeysTest, WhatLooksLikeAnotherTypeIsDropped) {
  for (const char* secret : {"1.5", "1e9", "0x1F", "true", "[a]", "{a: b}", "", "~"}) {
    const auto keys = ReadApiKeys(std::string("key: ") + secret, BareNumbers::kAreDropped);
    ASSERT_TRUE(keys.has_value()) << secret;
    EXPECT_THAT(keys->dropped, ElementsAre("key")) << secret;
  }
  for (const char* secret : {"1e9f", "0x1Fg", "truely", "12ab", "0-1"}) {
    EXPECT_THAT(ReadApiKeys(std::string("key: ") + secret, BareNumbers::kAreDropped)->dropped,
                IsEmpty())
        << secret;
  }
}

TEST(ApiKeysTest, WithoutTheSpaceItIsNoMap) {
  EXPECT_FALSE(ReadApiKeys("key:secret", BareNumbers::kAreDropped).has_value());
  EXPECT_FALSE(ReadApiKeys("", BareNumbers::kAreDropped).has_value());
  EXPECT_FALSE(ReadApiKeys("a: b: c", BareNumbers::kAreDropped).has_value());
}

}  // namespace
}  // namespace sfu::config
