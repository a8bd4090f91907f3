#include "worker/rtp/packet_buffer.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;

const std::vector<uint8_t> kBytes = {1, 2, 3, 4};

TEST(PacketPoolTest, GivesTheBufferBackWithTheLastReference) {
  PacketPool pool(4, 4);
  PacketRef first = pool.Copy(kBytes);
  PacketRef second = first;
  EXPECT_FALSE(first.unique());
  EXPECT_EQ(pool.in_use(), 1u);

  first.reset();
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_TRUE(second.unique());
  EXPECT_THAT(second.bytes(), ElementsAre(1, 2, 3, 4));

  const PacketRef third = std::move(second);
  EXPECT_FALSE(second);  // NOLINT(bugprone-use-after-move): what a moved-from reference promises.
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_TRUE(third);
}

TEST(PacketPoolTest, AssignmentReleasesWhatWasHeld) {
  PacketPool pool(4, 4);
  PacketRef packet = pool.Allocate();
  packet = pool.Allocate();
  EXPECT_EQ(pool.in_use(), 1u);
  packet = PacketRef();
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(PacketPoolTest, RefusesAndCountsAtItsLimit) {
  PacketPool pool(4, 2);
  std::vector<PacketRef> packets;
  for (int i = 0; i < 4; ++i) {
    packets.push_back(pool.Allocate());
    ASSERT_TRUE(packets.back());
  }
  EXPECT_FALSE(pool.Allocate());
  EXPECT_FALSE(pool.Copy(kBytes));
  EXPECT_EQ(pool.exhaustions(), 2u);

  packets.pop_back();
  EXPECT_TRUE(pool.Allocate());
}

TEST(PacketPoolTest, ReusesBuffersInsteadOfGrowing) {
  PacketPool pool(100, 2);
  for (int i = 0; i < 50; ++i) {
    PacketRef packet = pool.Copy(kBytes);
    packet.RemoveFront(3);
  }
  EXPECT_EQ(pool.allocated(), 2u);
  const PacketRef packet = pool.Allocate();
  EXPECT_EQ(packet.size(), 0u);
  EXPECT_EQ(packet.headroom(), PacketBuffer::kHeadroom);
}

TEST(PacketRefTest, MovesItsFrontThroughTheHeadroom) {
  PacketPool pool(1, 1);
  PacketRef packet = pool.Copy(kBytes);
  EXPECT_EQ(packet.memory().size(), PacketRef::kCapacity);
  packet.RemoveFront(3);
  EXPECT_THAT(packet.bytes(), ElementsAre(4));
  packet.ExtendFront(1);
  EXPECT_THAT(packet.bytes(), ElementsAre(3, 4));
}

TEST(PacketPoolDeathTest, OutlivesItsReferences) {
  EXPECT_DEATH(
      {
        PacketRef packet;
        PacketPool pool(1, 1);
        packet = pool.Allocate();
      },
      "in_use_ == 0");
}

TEST(PacketRefDeathTest, DoesNotGrowBeyondItsMemory) {
  PacketPool pool(1, 1);
  PacketRef packet = pool.Allocate();
  EXPECT_DEATH(packet.set_size(PacketRef::kCapacity + 1), "check failed");
}

}  // namespace
}  // namespace sfu::rtp
