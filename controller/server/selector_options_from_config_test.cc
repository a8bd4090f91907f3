#include "controller/server/selector_options_from_config.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace sfu::server {
namespace {

using placement::Algorithm;
using placement::SelectorKind;
using placement::SortBy;

TEST(SelectorOptionsFromConfigTest, DefaultsAreTheReferences) {
  const placement::SelectorOptions options = SelectorOptionsFrom(config::Config());
  EXPECT_EQ(options.kind, SelectorKind::kAny);
  EXPECT_EQ(options.sort_by, SortBy::kRandom);
  EXPECT_EQ(options.algorithm, Algorithm::kLowest);
  EXPECT_EQ(options.cpu_load_limit, 0.9);
  EXPECT_EQ(options.system_load_limit, 0.9);
}

TEST(SelectorOptionsFromConfigTest, EveryWordHasItsMeaning) {
  config::Config config;
  config.region = "eu";
  config.node_selector = {.kind = "regionaware",
                          .sort_by = "tracks",
                          .algorithm = "twochoice",
                          .cpu_load_limit = 0.5,
                          .sysload_limit = 2,
                          .regions = {{"eu", 50, 8}}};
  const placement::SelectorOptions options = SelectorOptionsFrom(config);
  EXPECT_EQ(options.kind, SelectorKind::kRegionAware);
  EXPECT_EQ(options.sort_by, SortBy::kTracks);
  EXPECT_EQ(options.algorithm, Algorithm::kTwoChoice);
  EXPECT_EQ(options.cpu_load_limit, 0.5);
  EXPECT_EQ(options.system_load_limit, 2);
  EXPECT_EQ(options.region, "eu");
  ASSERT_EQ(options.regions.size(), 1u);
  EXPECT_EQ(options.regions[0].place.latitude_degrees, 50);
  const std::vector<std::pair<const char*, SelectorKind>> kinds = {
      {"any", SelectorKind::kAny},
      {"random", SelectorKind::kAny},
      {"cpuload", SelectorKind::kCpuLoad},
      {"sysload", SelectorKind::kSystemLoad}};
  for (const auto& [word, kind] : kinds) {
    config.node_selector.kind = word;
    EXPECT_EQ(SelectorOptionsFrom(config).kind, kind) << word;
  }
  const std::vector<std::pair<const char*, SortBy>> sort_bys = {
      {"random", SortBy::kRandom},   {"sysload", SortBy::kSystemLoad},
      {"cpuload", SortBy::kCpuLoad}, {"rooms", SortBy::kRooms},
      {"clients", SortBy::kClients}, {"bytespersec", SortBy::kBytesPerSecond}};
  for (const auto& [word, sort_by] : sort_bys) {
    config.node_selector.sort_by = word;
    EXPECT_EQ(SelectorOptionsFrom(config).sort_by, sort_by) << word;
  }
}

}  // namespace
}  // namespace sfu::server
