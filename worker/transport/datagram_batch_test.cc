#include "worker/transport/datagram_batch.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::transport {
namespace {

using testing::ElementsAre;

ice::Path PathTo(uint8_t last_octet) {
  return {.remote = SocketAddress::V4({192, 0, 2, last_octet}, 1000)};
}

TEST(DatagramBatchTest, DatagramsLieBackToBack) {
  DatagramBatch batch(4);
  batch.Append(PathTo(1), {1, 2, 3});
  batch.Append(PathTo(1), {4, 5, 6});

  ASSERT_EQ(batch.entries().size(), 2u);
  EXPECT_EQ(batch.BytesOf(batch.entries()[0]).end(), batch.BytesOf(batch.entries()[1]).begin());
  EXPECT_THAT(batch.BytesOf(batch.entries()[1]), ElementsAre(4, 5, 6));
}

TEST(DatagramBatchTest, WhatIsNotCommittedLeavesNoGap) {
  DatagramBatch batch(4);
  batch.Append(PathTo(1), {1, 2, 3});
  std::fill(batch.Tail().begin(), batch.Tail().end(), uint8_t{0xEE});
  batch.Append(PathTo(2), {9});

  EXPECT_EQ(batch.entries()[1].offset_bytes, 3u);
  EXPECT_THAT(batch.BytesOf(batch.entries()[1]), ElementsAre(9));
}

TEST(DatagramBatchTest, TakesAFullLoadOfTheLargestDatagrams) {
  DatagramBatch batch(3);
  const std::vector<uint8_t> largest(DatagramBatch::kMaxDatagramBytes, 0x55);
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(batch.full());
    batch.Append(PathTo(1), largest);
  }
  EXPECT_TRUE(batch.full());

  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(batch.full());
}

}  // namespace
}  // namespace sfu::transport
