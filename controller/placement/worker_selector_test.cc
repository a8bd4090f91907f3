#include "controller/placement/worker_selector.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu::placement {
namespace {

using cluster::NodeLoad;
using cluster::NodeRecord;
using ::testing::UnorderedElementsAre;

const Timestamp kNow = Timestamp::FromMicros(1'000'000'000);

NodeRecord Worker(std::string id, NodeLoad load = {}, std::string region = "") {
  return {.id = std::move(id),
          .region = std::move(region),
          .load = load,
          .heard_at = kNow + -absl::Seconds(1)};
}

// How often each was taken in a hundred choices.
std::map<std::string, int> Chosen(const std::vector<NodeRecord>& nodes,
                                  const SelectorOptions& options) {
  SeededRandom random(1);
  std::map<std::string, int> chosen;
  for (int i = 0; i < 100; ++i) {
    if (const auto id = SelectWorker(nodes, kNow, options, random)) {
      ++chosen[*id];
    }
  }
  return chosen;
}

std::set<std::string> Candidates(const std::vector<NodeRecord>& nodes,
                                 const SelectorOptions& options) {
  std::set<std::string> ids;
  for (const auto& [id, count] : Chosen(nodes, options)) {
    ids.insert(id);
  }
  return ids;
}

TEST(WorkerSelectorTest, NobodyToChooseFrom) {
  NodeRecord silent = Worker("silent");
  silent.heard_at = kNow + -cluster::kNodeSilenceLimit;
  NodeRecord draining = Worker("draining");
  draining.draining = true;
  NodeRecord controller = Worker("controller");
  controller.kind = cluster::NodeKind::kController;
  EXPECT_TRUE(Candidates({}, {}).empty());
  EXPECT_TRUE(Candidates({silent, draining, controller, {.id = "never heard of"}}, {}).empty());
}

TEST(WorkerSelectorTest, WithoutWishesAllShare) {
  const std::map<std::string, int> chosen =
      Chosen({Worker("a", {.rooms = 100, .cpu_load = 0.99}), Worker("b"), Worker("c")}, {});
  ASSERT_EQ(chosen.size(), 3u);
  for (const auto& [id, count] : chosen) {
    EXPECT_GT(count, 15) << id;
  }
}

struct LimitCase {
  const char* what;
  SelectorKind kind;
  NodeLoad a;
  NodeLoad b;
  std::set<std::string> expected;
};

TEST(WorkerSelectorTest, LimitsDecideWhoComesIntoQuestion) {
  const std::vector<LimitCase> cases = {
      {"any ignores load", SelectorKind::kAny, {.cpu_load = 1}, {.cpu_load = 0}, {"a", "b"}},
      {"over the CPU limit", SelectorKind::kCpuLoad, {.cpu_load = 0.95}, {.cpu_load = 0.5}, {"b"}},
      {"at the limit is over it", SelectorKind::kCpuLoad, {.cpu_load = 0.9}, {}, {"b"}},
      {"all over it", SelectorKind::kCpuLoad, {.cpu_load = 1}, {.cpu_load = 0.95}, {"a", "b"}},
      {"system load is per core",
       SelectorKind::kSystemLoad,
       {.load_average_1min = 4, .cpu_count = 2},
       {.load_average_1min = 4, .cpu_count = 8},
       {"b"}},
      {"cores not said",
       SelectorKind::kSystemLoad,
       {.load_average_1min = 2},
       {.load_average_1min = 0.5},
       {"b"}},
      {"system load ignores the media threads",
       SelectorKind::kSystemLoad,
       {.cpu_load = 1, .cpu_count = 1},
       {.cpu_count = 1},
       {"a", "b"}},
  };
  for (const LimitCase& each : cases) {
    EXPECT_EQ(Candidates({Worker("a", each.a), Worker("b", each.b)}, {.kind = each.kind}),
              each.expected)
        << each.what;
  }
}

TEST(WorkerSelectorTest, LimitsAreAsConfigured) {
  const std::vector<NodeRecord> nodes = {
      Worker("a", {.cpu_load = 0.5, .load_average_1min = 1, .cpu_count = 1}),
      Worker("b", {.cpu_load = 0.3, .load_average_1min = 3, .cpu_count = 1})};
  EXPECT_THAT(Candidates(nodes, {.kind = SelectorKind::kCpuLoad, .cpu_load_limit = 0.4}),
              UnorderedElementsAre("b"));
  EXPECT_THAT(Candidates(nodes, {.kind = SelectorKind::kSystemLoad, .system_load_limit = 2}),
              UnorderedElementsAre("a"));
}

TEST(WorkerSelectorTest, TheLowestOfWhatIsComparedWins) {
  const NodeLoad busy = {.rooms = 9,
                         .clients = 9,
                         .tracks_in = 1,
                         .tracks_out = 9,
                         .bytes_per_second_in = 1,
                         .bytes_per_second_out = 9,
                         .cpu_load = 0.9,
                         .load_average_1min = 9,
                         .cpu_count = 1};
  const std::vector<std::pair<SortBy, NodeLoad>> cases = {
      {SortBy::kSystemLoad, {.load_average_1min = 9, .cpu_count = 4}},
      {SortBy::kCpuLoad, {.cpu_load = 0.8}},
      {SortBy::kRooms, {.rooms = 8}},
      {SortBy::kClients, {.clients = 8}},
      {SortBy::kTracks, {.tracks_in = 5, .tracks_out = 4}},
      {SortBy::kBytesPerSecond, {.bytes_per_second_in = 5, .bytes_per_second_out = 4}},
  };
  for (const auto& [sort_by, difference] : cases) {
    // Lower in the one thing, higher in all others.
    NodeLoad load = {.rooms = 99,
                     .clients = 99,
                     .tracks_in = 99,
                     .tracks_out = 99,
                     .bytes_per_second_in = 99,
                     .bytes_per_second_out = 99,
                     .cpu_load = 0.99,
                     .load_average_1min = 99,
                     .cpu_count = 1};
    switch (sort_by) {
      case SortBy::kRandom:
        break;
      case SortBy::kSystemLoad:
        load.load_average_1min = difference.load_average_1min;
        load.cpu_count = difference.cpu_count;
        break;
      case SortBy::kCpuLoad:
        load.cpu_load = difference.cpu_load;
        break;
      case SortBy::kRooms:
        load.rooms = difference.rooms;
        break;
      case SortBy::kClients:
        load.clients = difference.clients;
        break;
      case SortBy::kTracks:
        load.tracks_in = difference.tracks_in;
        load.tracks_out = difference.tracks_out;
        break;
      case SortBy::kBytesPerSecond:
        load.bytes_per_second_in = difference.bytes_per_second_in;
        load.bytes_per_second_out = difference.bytes_per_second_out;
        break;
    }
    EXPECT_THAT(Candidates({Worker("busy", busy), Worker("free", load)}, {.sort_by = sort_by}),
                UnorderedElementsAre("free"))
        << static_cast<int>(sort_by);
  }
}

TEST(WorkerSelectorTest, EqualsShare) {
  EXPECT_EQ(
      Candidates({Worker("a", {.rooms = 2}), Worker("b", {.rooms = 2}), Worker("c", {.rooms = 3})},
                 {.sort_by = SortBy::kRooms}),
      (std::set<std::string>{"a", "b"}));
}

TEST(WorkerSelectorTest, OfTwoChoicesTheLowerWins) {
  const std::vector<NodeRecord> nodes = {Worker("a", {.rooms = 1}), Worker("b", {.rooms = 2}),
                                         Worker("c", {.rooms = 3}), Worker("d", {.rooms = 4})};
  const SelectorOptions options = {.sort_by = SortBy::kRooms, .algorithm = Algorithm::kTwoChoice};
  const std::map<std::string, int> chosen = Chosen(nodes, options);
  // In half of all pairs the best is one of them; the worst never wins.
  EXPECT_EQ(chosen.count("d"), 0u);
  EXPECT_GT(chosen.at("a"), 35);
  EXPECT_GT(chosen.at("b"), 20);
  EXPECT_GT(chosen.at("c"), 5);
}

TEST(WorkerSelectorTest, TwoChoicesOfTwoAreTheLowest) {
  EXPECT_THAT(Candidates({Worker("a", {.rooms = 1}), Worker("b", {.rooms = 2})},
                         {.sort_by = SortBy::kRooms, .algorithm = Algorithm::kTwoChoice}),
              UnorderedElementsAre("a"));
}

class RegionTest : public ::testing::Test {
 protected:
  SelectorOptions options_ = {
      .kind = SelectorKind::kRegionAware,
      .region = "london",
      .regions = {
          {"london", {51.5, -0.1}}, {"frankfurt", {50.1, 8.7}}, {"virginia", {38.9, -77.4}}}};
  const NodeRecord london_ = Worker("london-1", {.cpu_count = 1}, "london");
  const NodeRecord frankfurt_ = Worker("frankfurt-1", {.cpu_count = 1}, "frankfurt");
  const NodeRecord virginia_ = Worker("virginia-1", {.cpu_count = 1}, "virginia");
  const NodeRecord nowhere_ = Worker("nowhere-1", {.cpu_count = 1}, "nowhere");
};

TEST_F(RegionTest, TheNearestRegionComesFirst) {
  EXPECT_THAT(Candidates({virginia_, frankfurt_, london_, nowhere_}, options_),
              UnorderedElementsAre("london-1"));
  EXPECT_THAT(Candidates({virginia_, nowhere_, frankfurt_}, options_),
              UnorderedElementsAre("frankfurt-1"));
  EXPECT_THAT(Candidates({nowhere_, virginia_}, options_), UnorderedElementsAre("virginia-1"));
  EXPECT_THAT(Candidates({nowhere_}, options_), UnorderedElementsAre("nowhere-1"));
}

TEST_F(RegionTest, AFullRegionIsPassedOverUnlessAllAreFull) {
  NodeRecord full = london_;
  full.load.load_average_1min = 5;
  EXPECT_THAT(Candidates({full, virginia_, frankfurt_}, options_),
              UnorderedElementsAre("frankfurt-1"));
  NodeRecord full_too = virginia_;
  full_too.load.load_average_1min = 2;
  EXPECT_THAT(Candidates({full, full_too}, options_), UnorderedElementsAre("london-1"));
}

TEST_F(RegionTest, WithinARegionTheOrderDecides) {
  options_.sort_by = SortBy::kRooms;
  NodeRecord second = Worker("london-2", {.rooms = 1, .cpu_count = 1}, "london");
  EXPECT_THAT(Candidates({second, london_, frankfurt_}, options_),
              UnorderedElementsAre("london-1"));
}

// What a worker says about itself may be anything.
TEST(WorkerSelectorTest, ImpossibleLoadsWinNothing) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double lie : {-1.0, std::nan(""), infinity, -infinity}) {
    const std::vector<NodeRecord> nodes = {
        Worker("liar", {.tracks_in = UINT32_MAX,
                        .tracks_out = UINT32_MAX,
                        .bytes_per_second_in = lie,
                        .bytes_per_second_out = lie,
                        .cpu_load = lie,
                        .load_average_1min = lie}),
        Worker("honest", {.tracks_in = 5, .bytes_per_second_in = 5, .cpu_load = 0.5})};
    for (const SortBy sort_by :
         {SortBy::kSystemLoad, SortBy::kCpuLoad, SortBy::kTracks, SortBy::kBytesPerSecond}) {
      EXPECT_THAT(Candidates(nodes, {.sort_by = sort_by}), UnorderedElementsAre("honest")) << lie;
    }
    EXPECT_THAT(Candidates(nodes, {.kind = SelectorKind::kCpuLoad}),
                UnorderedElementsAre("honest"));
    // Somebody has to do it.
    EXPECT_THAT(Candidates({nodes[0]}, {.sort_by = SortBy::kCpuLoad}),
                UnorderedElementsAre("liar"));
  }
}

}  // namespace
}  // namespace sfu::placement
