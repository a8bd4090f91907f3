#include "common/cluster/memory_node_registry.h"

#include <gtest/gtest.h>

namespace sfu::cluster {
namespace {

TEST(MemoryNodeRegistryTest, KeepsTheLatestRecordOfEachNode) {
  MemoryNodeRegistry registry;
  registry.Publish({.id = "ND_b", .region = "old"});
  registry.Publish({.id = "ND_a"});
  registry.Publish({.id = "ND_b", .region = "new"});
  const std::vector<NodeRecord> nodes = registry.Nodes();
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].id, "ND_a");
  EXPECT_EQ(nodes[1].region, "new");
}

TEST(MemoryNodeRegistryTest, ForgetsWhoIsRemoved) {
  MemoryNodeRegistry registry;
  registry.Publish({.id = "ND_a"});
  registry.Remove("ND_a");
  registry.Remove("ND_unknown");
  EXPECT_TRUE(registry.Nodes().empty());
}

}  // namespace
}  // namespace sfu::cluster
