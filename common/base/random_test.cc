#include "common/base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu {
namespace {

TEST(RandomTest, BoundedValuesReachEveryValueAndNoOther) {
  SeededRandom random(1);
  std::vector<int> seen(5);
  for (int i = 0; i < 1000; ++i) {
    ++seen.at(random.NextBelow(5));
  }
  EXPECT_THAT(seen, ::testing::Each(::testing::Gt(100)));
}

TEST(RandomTest, TextUsesOnlyTheAlphabet) {
  SeededRandom random(1);
  const std::string text = random.NextText(64, "ab");
  EXPECT_EQ(text.size(), 64u);
  EXPECT_EQ(text.find_first_not_of("ab"), std::string::npos);
}

}  // namespace
}  // namespace sfu
