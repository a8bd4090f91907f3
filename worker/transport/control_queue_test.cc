#include "worker/transport/control_queue.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::transport {
namespace {

using testing::ElementsAre;

TEST(ControlQueueTest, KeepsOrderAcrossKinds) {
  ControlQueue queue;
  ASSERT_TRUE(queue.Add(ice::Path(), {1, 2}));
  ASSERT_TRUE(queue.AddRtcp({3}));

  EXPECT_EQ(queue.front().kind, ControlQueue::Kind::kReady);
  EXPECT_THAT(queue.front_bytes(), ElementsAre(1, 2));
  queue.Pop();
  EXPECT_EQ(queue.front().kind, ControlQueue::Kind::kRtcp);
  EXPECT_THAT(queue.front_bytes(), ElementsAre(3));
  queue.Pop();
  EXPECT_TRUE(queue.empty());
}

TEST(ControlQueueTest, RefusesBeyondItsBoundUntilEmptied) {
  ControlQueue queue;
  const std::vector<uint8_t> datagram(1200);
  size_t accepted = 0;
  while (queue.Add(ice::Path(), datagram)) {
    ++accepted;
  }
  EXPECT_EQ(accepted, ControlQueue::kLimitBytes / datagram.size());

  while (!queue.empty()) {
    queue.Pop();
  }
  EXPECT_TRUE(queue.Add(ice::Path(), datagram));
}

}  // namespace
}  // namespace sfu::transport
