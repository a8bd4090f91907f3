#include "common/redis/node_codec.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::redis {
namespace {

using ::testing::StartsWith;

cluster::NodeRecord SampleRecord() {
  return {.id = "ND_a",
          .kind = cluster::NodeKind::kWorker,
          .address = "worker-1:7885",
          .region = "eu",
          .draining = true,
          .load = {.rooms = 1,
                   .clients = 2,
                   .transports = 3,
                   .tracks_in = 4,
                   .tracks_out = 5,
                   .bytes_per_second_in = 6.5,
                   .bytes_per_second_out = 7,
                   .cpu_load = 0.25,
                   .load_average_1min = 1.5,
                   .cpu_count = 8},
          .started_at = absl::FromUnixMillis(1'700'000'000'123),
          .updated_at = absl::FromUnixMillis(1'700'000'001'456)};
}

TEST(NodeCodecTest, ComesBackAsItWas) {
  const cluster::NodeRecord record = SampleRecord();
  const std::string text = EncodeNode(record, 42);
  EXPECT_THAT(text, StartsWith("1{\"kind\":\"worker\","));
  const std::optional<DecodedNode> node = DecodeNode("ND_a", text);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->sequence, 42u);
  EXPECT_EQ(EncodeNode(node->record, 42), text);
  EXPECT_EQ(node->record.id, "ND_a");
  EXPECT_TRUE(node->record.draining);
  EXPECT_EQ(node->record.load.bytes_per_second_in, 6.5);
  EXPECT_EQ(node->record.started_at, record.started_at);
}

TEST(NodeCodecTest, AnEmptyControllerToo) {
  const cluster::NodeRecord record = {.id = "ND_b", .kind = cluster::NodeKind::kController};
  const std::optional<DecodedNode> node = DecodeNode("ND_b", EncodeNode(record, 1));
  ASSERT_TRUE(node);
  EXPECT_EQ(node->record.kind, cluster::NodeKind::kController);
  EXPECT_EQ(node->record.updated_at, absl::InfinitePast());
}

TEST(NodeCodecTest, UnknownAndMissingMembersDoNoHarm) {
  const std::optional<DecodedNode> node =
      DecodeNode("ND_a", R"(1{"kind":"worker","zeal":{"a":[1]},"rooms":3})");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->record.load.rooms, 3u);
  EXPECT_EQ(node->record.load.cpu_load, 0);
}

TEST(NodeCodecTest, NonsenseIsNoNode) {
  const std::string good = EncodeNode(SampleRecord(), 1);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeNode("ND_a", good.substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeNode("", good));
  EXPECT_FALSE(DecodeNode(std::string(65, 'x'), good));
  EXPECT_FALSE(DecodeNode("ND_a", "2" + good.substr(1)));
  EXPECT_FALSE(DecodeNode("ND_a", "1[]"));
  EXPECT_FALSE(DecodeNode("ND_a", "1{}"));
  EXPECT_FALSE(DecodeNode("ND_a", R"(1{"kind":7})"));
  EXPECT_FALSE(DecodeNode("ND_a", good + std::string(kMaxNodeBytes, ' ')));
  EXPECT_FALSE(DecodeNode("ND_a", "1" + std::string(4000, '[')));
}

TEST(NodeCodecTest, ImpossibleNumbersAreTheWorstThereIs) {
  const std::optional<DecodedNode> node =
      DecodeNode("ND_a", R"(1{"kind":"worker","rooms":-1,"clients":"none","tracks_in":99999999999,)"
                         R"("cpu_load":-0.5,"load_average_1min":"low","updated_at_ms":-5})");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->record.load.rooms, UINT32_MAX);
  EXPECT_EQ(node->record.load.clients, UINT32_MAX);
  EXPECT_EQ(node->record.load.tracks_in, UINT32_MAX);
  EXPECT_EQ(node->record.load.cpu_load, std::numeric_limits<double>::max());
  EXPECT_EQ(node->record.load.load_average_1min, std::numeric_limits<double>::max());
  EXPECT_EQ(node->record.updated_at, absl::InfinitePast());
}

TEST(NodeCodecTest, WhatCannotBeWrittenIsTheWorstToo) {
  cluster::NodeRecord record = SampleRecord();
  record.load.cpu_load = std::nan("");
  const std::optional<DecodedNode> node = DecodeNode("ND_a", EncodeNode(record, 1));
  ASSERT_TRUE(node);
  EXPECT_EQ(node->record.load.cpu_load, std::numeric_limits<double>::max());
}

}  // namespace
}  // namespace sfu::redis
