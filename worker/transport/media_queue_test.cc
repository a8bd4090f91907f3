#include "worker/transport/media_queue.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::transport {
namespace {

using rtp::OutgoingPacket;
using testing::ElementsAre;

OutgoingPacket Packet(OutgoingPacket::Priority priority, uint8_t mark) {
  OutgoingPacket packet;
  packet.priority = priority;
  packet.header_size = 12;
  packet.header[0] = mark;
  return packet;
}

std::vector<int> Drain(MediaQueue& queue) {
  std::vector<int> marks;
  while (!queue.empty()) {
    marks.push_back(queue.front().header[0]);
    queue.Pop();
  }
  return marks;
}

TEST(MediaQueueTest, ReleasesByPriorityThenByAge) {
  MediaQueue queue;
  ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kPadding, 1)));
  ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kVideo, 2)));
  ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kVideo, 3)));
  ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kRetransmission, 4)));
  ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kAudio, 5)));

  EXPECT_THAT(Drain(queue), ElementsAre(5, 4, 2, 3, 1));
}

TEST(MediaQueueTest, GivesABufferBackAsSoonAsItsPacketHasLeft) {
  rtp::PacketPool pool(16);
  MediaQueue queue;
  for (int i = 0; i < 2; ++i) {
    OutgoingPacket packet = Packet(OutgoingPacket::Priority::kVideo, 0);
    packet.source = pool.Allocate();
    ASSERT_TRUE(queue.Push(std::move(packet)));
  }
  queue.Pop();
  EXPECT_EQ(pool.in_use(), 1u);
  queue.Clear();
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(MediaQueueTest, RefusesBeyondItsBound) {
  MediaQueue queue;
  for (size_t i = 0; i < MediaQueue::kLimitPackets; ++i) {
    ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kVideo, 0)));
  }
  EXPECT_FALSE(queue.Push(Packet(OutgoingPacket::Priority::kAudio, 0)));
  queue.Pop();
  EXPECT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kAudio, 0)));
}

// As under a pacer that always leaves something: order holds while memory is reused.
TEST(MediaQueueTest, KeepsOrderWhenNeverQuiteEmptied) {
  MediaQueue queue;
  uint8_t pushed = 0;
  uint8_t popped = 0;
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kVideo, pushed++)));
  }
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(queue.front().header[0], popped++);
    queue.Pop();
    ASSERT_TRUE(queue.Push(Packet(OutgoingPacket::Priority::kVideo, pushed++)));
  }
  EXPECT_EQ(queue.size(), 40u);
}

}  // namespace
}  // namespace sfu::transport
