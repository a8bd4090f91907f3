#include "common/time/timestamp.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(TimestampTest, AddsAndSubtractsDurations) {
  const Timestamp start = Timestamp::FromMicros(5);
  EXPECT_EQ((start + absl::Milliseconds(1)).micros(), 1005);
  EXPECT_EQ(start + absl::Seconds(2) - start, absl::Seconds(2));
}

TEST(TimestampTest, NeverStaysNever) {
  EXPECT_EQ(Timestamp::Never() + absl::Seconds(1), Timestamp::Never());
  EXPECT_EQ(Timestamp::FromMicros(0) + absl::InfiniteDuration(), Timestamp::Never());
}

}  // namespace
}  // namespace sfu
