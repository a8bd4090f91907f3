#include "controller/server/selector_options_from_config.h"

#include <string_view>
#include <utility>

#include "common/base/check.h"

namespace sfu::server {
namespace {

using placement::Algorithm;
using placement::SelectorKind;
using placement::SortBy;

constexpr std::pair<std::string_view, SelectorKind> kKinds[] = {
    {"any", SelectorKind::kAny},
    {"random", SelectorKind::kAny},  // Its older name.
    {"cpuload", SelectorKind::kCpuLoad},
    {"sysload", SelectorKind::kSystemLoad},
    {"regionaware", SelectorKind::kRegionAware},
};

constexpr std::pair<std::string_view, SortBy> kSortBys[] = {
    {"random", SortBy::kRandom},
    {"sysload", SortBy::kSystemLoad},
    {"cpuload", SortBy::kCpuLoad},
    {"rooms", SortBy::kRooms},
    {"clients", SortBy::kClients},
    {"tracks", SortBy::kTracks},
    {"bytespersec", SortBy::kBytesPerSecond},
};

constexpr std::pair<std::string_view, Algorithm> kAlgorithms[] = {
    {"lowest", Algorithm::kLowest},
    {"twochoice", Algorithm::kTwoChoice},
};

template <typename Words>
auto Meaning(const Words& words, std::string_view word) {
  for (const auto& [name, meaning] : words) {
    if (name == word) {
      return meaning;
    }
  }
  SFU_CHECK(false);
}

}  // namespace

placement::SelectorOptions SelectorOptionsFrom(const config::Config& config) {
  const config::NodeSelector& selector = config.node_selector;
  placement::SelectorOptions options = {.kind = Meaning(kKinds, selector.kind),
                                        .sort_by = Meaning(kSortBys, selector.sort_by),
                                        .algorithm = Meaning(kAlgorithms, selector.algorithm),
                                        .cpu_load_limit = selector.cpu_load_limit,
                                        .system_load_limit = selector.sysload_limit,
                                        .region = config.region,
                                        .regions = {}};
  for (const config::Region& region : selector.regions) {
    options.regions.push_back(
        {.name = region.name, .place = {region.latitude_degrees, region.longitude_degrees}});
  }
  return options;
}

}  // namespace sfu::server
