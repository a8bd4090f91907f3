#include "common/base/sequence_unwrapper.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(SequenceUnwrapperTest, ContinuesAcrossEveryWrap) {
  SequenceUnwrapper<uint16_t> unwrapper;
  int64_t expected = 65530;
  for (int i = 0; i < 200'000; ++i, ++expected) {
    ASSERT_EQ(unwrapper.Unwrap(static_cast<uint16_t>(expected)), expected);
  }
}

TEST(SequenceUnwrapperTest, AnOlderValueUnwrapsBackwards) {
  SequenceUnwrapper<uint16_t> unwrapper;
  EXPECT_EQ(unwrapper.Unwrap(2), 2);
  EXPECT_EQ(unwrapper.Unwrap(65535), -1);
}

TEST(SequenceUnwrapperTest, PeekingLeavesTheReferenceAlone) {
  SequenceUnwrapper<uint32_t> unwrapper;
  unwrapper.Unwrap(10);
  EXPECT_EQ(unwrapper.PeekUnwrap(4'000'000'000u), 4'000'000'000ll - (1ll << 32));
  EXPECT_EQ(unwrapper.Unwrap(11), 11);
}

}  // namespace
}  // namespace sfu
