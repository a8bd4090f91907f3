#include "worker/srtp/packet_index.h"

#include <gtest/gtest.h>

namespace sfu::srtp {
namespace {

constexpr uint64_t kWindow = 1024;

TEST(PacketIndexTest, StartsWithoutRolloverWhateverTheFirstNumber) {
  for (const int first : {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff}) {
    PacketIndex index;
    EXPECT_EQ(index.Next(static_cast<uint16_t>(first), kWindow), static_cast<uint64_t>(first));
  }
}

TEST(PacketIndexTest, CountsRollovers) {
  PacketIndex index;
  uint64_t expected = 0xfff0;
  for (int i = 0; i < 4 * 65536; ++i, ++expected) {
    ASSERT_EQ(index.Next(static_cast<uint16_t>(expected), kWindow), expected);
  }
}

TEST(PacketIndexTest, RepeatsKeepTheirRolloverAcrossTheWrap) {
  PacketIndex index;
  index.Next(65535, kWindow);
  ASSERT_EQ(index.Next(0, kWindow), 65536u);
  EXPECT_EQ(index.Next(65535, kWindow), 65535u);
  EXPECT_EQ(index.Next(0, kWindow), 65536u);
}

TEST(PacketIndexTest, RefusesWhatTheReceiverWouldTakeForAReplay) {
  PacketIndex index;
  index.Next(40'000, kWindow);
  EXPECT_TRUE(index.Next(40'000 - 1023, kWindow));
  EXPECT_FALSE(index.Next(40'000 - 1024, kWindow));
}

TEST(PacketIndexTest, TakesAGapOfHalfTheRangeAsProgress) {
  PacketIndex index;
  index.Next(50'000, kWindow);
  EXPECT_EQ(index.Next(static_cast<uint16_t>(50'000 + 0x7fff), kWindow), 50'000u + 0x7fff);
}

}  // namespace
}  // namespace sfu::srtp
