#include "controller/placement/worker_selector.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu::placement {
namespace {

using cluster::NodeRecord;

class WorkerSelectorTest : public ::testing::Test {
 protected:
  NodeRecord Worker(std::string id, double cpu_load = 0, uint32_t rooms = 0) const {
    return {.id = std::move(id),
            .load = {.rooms = rooms, .cpu_load = cpu_load},
            .heard_at = now_ + -absl::Seconds(1)};
  }
  std::optional<std::string> Select(const std::vector<NodeRecord>& nodes) {
    return SelectWorker(nodes, now_, options_, random_);
  }

  const Timestamp now_ = Timestamp::FromMicros(1'000'000'000);
  SelectorOptions options_;
  SeededRandom random_{1};
};

TEST_F(WorkerSelectorTest, NobodyToChooseFrom) {
  EXPECT_EQ(Select({}), std::nullopt);
  NodeRecord silent = Worker("silent");
  silent.heard_at = now_ + -cluster::kNodeSilenceLimit;
  NodeRecord draining = Worker("draining");
  draining.draining = true;
  NodeRecord controller = Worker("controller");
  controller.kind = cluster::NodeKind::kController;
  EXPECT_EQ(Select({silent, draining, controller}), std::nullopt);
}

TEST_F(WorkerSelectorTest, TheLeastLoadedTakesTheRoom) {
  EXPECT_EQ(Select({Worker("a", 0.5), Worker("b", 0.2), Worker("c", 0.7)}), "b");
}

TEST_F(WorkerSelectorTest, RoomsDecideBetweenAlikeLoads) {
  EXPECT_EQ(Select({Worker("a", 0.21, 9), Worker("b", 0.29, 3)}), "b");
}

TEST_F(WorkerSelectorTest, EqualsShare) {
  std::set<std::string> chosen;
  for (int i = 0; i < 50; ++i) {
    chosen.insert(*Select({Worker("a"), Worker("b"), Worker("c")}));
  }
  EXPECT_EQ(chosen.size(), 3u);
}

TEST_F(WorkerSelectorTest, TheOwnRegionComesFirstUnlessItIsFull) {
  options_.region = "here";
  NodeRecord near = Worker("near", 0.8);
  near.region = "here";
  NodeRecord far = Worker("far", 0.1);
  far.region = "there";
  EXPECT_EQ(Select({far, near}), "near");
  near.load.cpu_load = 0.95;
  EXPECT_EQ(Select({far, near}), "far");
  far.load.cpu_load = 0.99;
  EXPECT_EQ(Select({far, near}), "near");
}

}  // namespace
}  // namespace sfu::placement
