#include "common/runtime/spsc_ring.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SpscRingTest : public testing::Test {
 protected:
  bool Push(int value) {
    return ring_.Push([value](int& element) { element = value; });
  }
  std::vector<int> PopAll() {
    std::vector<int> values;
    ring_.PopAll([&](int element) { values.push_back(element); });
    return values;
  }

  SpscRing<int> ring_{4};
};

TEST_F(SpscRingTest, KeepsTheOrder) {
  EXPECT_THAT(PopAll(), IsEmpty());
  EXPECT_TRUE(Push(1));
  EXPECT_TRUE(Push(2));
  EXPECT_THAT(PopAll(), ElementsAre(1, 2));
  EXPECT_THAT(PopAll(), IsEmpty());
}

TEST_F(SpscRingTest, RefusesWhenFullAndTakesAgainWhenNot) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(Push(i));
  }
  EXPECT_FALSE(Push(4));
  EXPECT_THAT(PopAll(), ElementsAre(0, 1, 2, 3));
  EXPECT_TRUE(Push(5));
  EXPECT_THAT(PopAll(), ElementsAre(5));
}

TEST(SpscRingThreadsTest, LosesNothing) {
  constexpr int kCount = 50'000;
  SpscRing<int> ring(256);
  std::thread pusher([&ring] {
    for (int i = 0; i < kCount;) {
      if (ring.Push([i](int& element) { element = i; })) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  int next = 0;
  while (next < kCount) {
    const size_t popped = ring.PopAll([&](int element) { EXPECT_EQ(element, next++); });
    if (popped == 0) {
      std::this_thread::yield();
    }
  }
  pusher.join();
  EXPECT_EQ(ring.PopAll([](int) {}), 0u);
}

}  // namespace
}  // namespace sfu
