#include "common/redis/redis_node_registry.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/runtime/system_clock.h"
#include "tests/support/redis_probe.h"
#include "tests/support/redis_server.h"

namespace sfu::redis {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// A process of the cluster: its connection and its view.
class Process {
 public:
  explicit Process(const RedisServer& server) : probe_(server) {}

  void Publish(const std::string& id, uint32_t rooms = 0) {
    registry_.Publish({.id = id,
                       .address = id + ":7885",
                       .load = {.rooms = rooms},
                       .updated_at = clock_.WallNow(),
                       .heard_at = clock_.Now()});
  }
  std::vector<std::string> Available() const {
    std::vector<std::string> ids;
    for (const cluster::NodeRecord& node : registry_.Nodes()) {
      if (cluster::IsAvailable(node, clock_.Now())) {
        ids.push_back(node.id);
      }
    }
    return ids;
  }
  std::optional<cluster::NodeRecord> Find(const std::string& id) const {
    for (const cluster::NodeRecord& node : registry_.Nodes()) {
      if (node.id == id) {
        return node;
      }
    }
    return std::nullopt;
  }
  RedisNodeRegistry& registry() { return registry_; }
  RedisProbe& probe() { return probe_; }

 private:
  RedisProbe probe_;
  SystemClock clock_;
  RedisNodeRegistry registry_{probe_.client(), clock_};
};

class RedisNodeRegistryTest : public ::testing::Test {
 protected:
  RedisServer server_;
  Process ours_{server_};
  Process other_{server_};
};

TEST_F(RedisNodeRegistryTest, NodesSeeOneAnother) {
  ours_.Publish("ND_a", 3);
  EXPECT_THAT(ours_.Available(), ElementsAre("ND_a"));  // Without a round trip.
  other_.Publish("ND_b");
  EXPECT_TRUE(Eventually([this] { return other_.Available().size() == 2; }));
  EXPECT_TRUE(Eventually([this] { return ours_.Available().size() == 2; }));
  EXPECT_EQ(other_.Find("ND_a")->load.rooms, 3u);
  EXPECT_EQ(other_.Find("ND_a")->address, "ND_a:7885");
}

TEST_F(RedisNodeRegistryTest, WhoLeavesIsGoneEverywhere) {
  ours_.Publish("ND_a");
  ASSERT_TRUE(Eventually([this] { return other_.Find("ND_a").has_value(); }));
  ours_.registry().Remove("ND_a");
  EXPECT_TRUE(Eventually([this] { return !other_.Find("ND_a").has_value(); }));
  EXPECT_TRUE(Eventually([this] { return !ours_.Find("ND_a").has_value(); }));
}

TEST_F(RedisNodeRegistryTest, WhoFallsSilentIsNotAvailable) {
  ours_.Publish("ND_a");
  ASSERT_TRUE(Eventually([this] { return !other_.Available().empty(); }));
  EXPECT_TRUE(Eventually([this] { return other_.Available().empty(); }));
  EXPECT_TRUE(other_.Find("ND_a").has_value());
  // Nor for those who come later.
  const Process late(server_);
  EXPECT_TRUE(Eventually([&late] { return late.Find("ND_a").has_value(); }));
  EXPECT_THAT(late.Available(), IsEmpty());
}

TEST_F(RedisNodeRegistryTest, HeartbeatsPutBackWhatRedisLost) {
  ours_.Publish("ND_a");
  ASSERT_TRUE(Eventually([this] { return !other_.Available().empty(); }));
  ASSERT_TRUE(other_.probe().Ask({"FLUSHALL"}).ok());
  EXPECT_THAT(other_.Available(), ElementsAre("ND_a"));
  ours_.Publish("ND_a", 7);
  EXPECT_TRUE(Eventually([this] { return other_.Find("ND_a")->load.rooms == 7; }));
}

TEST_F(RedisNodeRegistryTest, RedisAwayLeavesWhatOneKnows) {
  ours_.Publish("ND_a");
  other_.Publish("ND_b");
  ASSERT_TRUE(Eventually([this] { return ours_.Available().size() == 2; }));
  server_.Kill();
  EXPECT_TRUE(Eventually([this] {
    ours_.Publish("ND_a");
    return ours_.Available() == std::vector<std::string>{"ND_a"};
  }));
  server_.Start();
  EXPECT_TRUE(Eventually([this] {
    other_.Publish("ND_b");
    return ours_.Available().size() == 2;
  }));
}

TEST_F(RedisNodeRegistryTest, NonsenseIsPassedOver) {
  RedisProbe& probe = other_.probe();
  ASSERT_TRUE(probe
                  .Ask({"HSET", "sfu:nodes", "ND_x", "nonsense", "ND_y", "1 {}", "ND_z",
                        "99999999999999999999 1{}"})
                  .ok());
  ASSERT_TRUE(probe.Ask({"HSET", "sfu:nodes", std::string(1000, 'i'), "1 -"}).ok());
  ASSERT_TRUE(probe.Ask({"HSET", "sfu:nodes", "ND_giant", std::string(30'000'000, 'x')}).ok());
  ours_.Publish("ND_a");
  EXPECT_TRUE(Eventually([this] { return other_.Find("ND_a").has_value(); }));
  EXPECT_TRUE(Eventually([this] { return other_.registry().nonsense() > 0; }));
  EXPECT_THAT(other_.Available(), ElementsAre("ND_a"));
  EXPECT_EQ(probe.client().counters().connected.value(), 1u);
}

TEST_F(RedisNodeRegistryTest, AKeyOfAnotherKindIsReplaced) {
  for (const Command& command :
       {Command{"SET", "sfu:nodes", "another program's"}, Command{"LPUSH", "sfu:nodes", "x"}}) {
    ASSERT_TRUE(other_.probe().Ask({"DEL", "sfu:nodes"}).ok());
    ASSERT_TRUE(other_.probe().Ask(command).ok());
    const uint64_t before = ours_.registry().nonsense() + other_.registry().nonsense();
    EXPECT_TRUE(Eventually([this] {
      ours_.Publish("ND_a");
      return other_.Available() == std::vector<std::string>{"ND_a"};
    }));
    EXPECT_TRUE(Eventually(
        [&] { return ours_.registry().nonsense() + other_.registry().nonsense() > before; }));
  }
}

TEST_F(RedisNodeRegistryTest, AHashThatNobodyCanReadIsReplaced) {
  Command command = {"HSET", "sfu:nodes"};
  for (int i = 0; i < 5000; ++i) {
    command.push_back("field-" + std::to_string(i));
    command.push_back("value");
  }
  ASSERT_TRUE(other_.probe().Ask(command).ok());
  EXPECT_TRUE(Eventually([this] {
    ours_.Publish("ND_a");
    return other_.Available() == std::vector<std::string>{"ND_a"};
  }));
}

TEST_F(RedisNodeRegistryTest, OtherProgramsKeysAreLeftAlone) {
  ASSERT_TRUE(other_.probe().Ask({"HSET", "nodes", "ND_livekit", "protobuf"}).ok());
  ours_.Publish("ND_a");
  ASSERT_TRUE(Eventually([this] { return other_.Find("ND_a").has_value(); }));
  EXPECT_THAT(other_.Available(), Not(Contains("ND_livekit")));
  EXPECT_EQ(other_.probe().Ask({"HGET", "nodes", "ND_livekit"})->text, "protobuf");
}

}  // namespace
}  // namespace sfu::redis
