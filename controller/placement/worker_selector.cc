#include "controller/placement/worker_selector.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace sfu::placement {
namespace {

using cluster::NodeLoad;
using cluster::NodeRecord;
using Nodes = std::vector<const NodeRecord*>;

constexpr double kWorst = std::numeric_limits<double>::max();

// A worker that reports what cannot be, gets nothing by it: negative, not a number.
double Plausible(double value) { return value >= 0 ? value : kWorst; }

double SystemLoad(const NodeLoad& load) {
  return Plausible(load.load_average_1min) / std::max(load.cpu_count, 1u);
}

double SortValue(const NodeLoad& load, SortBy sort_by) {
  switch (sort_by) {
    case SortBy::kRandom:
      return 0;
    case SortBy::kSystemLoad:
      return SystemLoad(load);
    case SortBy::kCpuLoad:
      return Plausible(load.cpu_load);
    case SortBy::kRooms:
      return load.rooms;
    case SortBy::kClients:
      return load.clients;
    case SortBy::kTracks:
      return static_cast<double>(load.tracks_in) + load.tracks_out;
    case SortBy::kBytesPerSecond:
      return Plausible(load.bytes_per_second_in) + Plausible(load.bytes_per_second_out);
  }
  return 0;
}

// Those that satisfy `predicate`; all when none does.
template <typename Predicate>
Nodes Preferred(const Nodes& nodes, Predicate predicate) {
  Nodes preferred;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(preferred), predicate);
  return preferred.empty() ? nodes : preferred;
}

double Distance(const std::string& region, const SelectorOptions& options) {
  if (region == options.region) {
    return 0;
  }
  const auto find = [&options](const std::string& name) {
    return std::find_if(options.regions.begin(), options.regions.end(),
                        [&name](const Region& each) { return each.name == name; });
  };
  const auto here = find(options.region);
  const auto there = find(region);
  return here == options.regions.end() || there == options.regions.end()
             ? kWorst
             : GreatCircleKilometers(here->place, there->place);
}

// The ones for which `value` is least.
template <typename Value>
Nodes Least(const Nodes& nodes, Value value) {
  Nodes least;
  double lowest = 0;
  for (const NodeRecord* node : nodes) {
    const double mine = value(*node);
    if (least.empty() || mine < lowest) {
      least.clear();
      lowest = mine;
    }
    if (mine == lowest) {
      least.push_back(node);
    }
  }
  return least;
}

Nodes ByKind(const Nodes& nodes, const SelectorOptions& options) {
  const auto below_system_load = [&options](const NodeRecord* node) {
    return SystemLoad(node->load) < options.system_load_limit;
  };
  switch (options.kind) {
    case SelectorKind::kAny:
      break;
    case SelectorKind::kCpuLoad:
      return Preferred(nodes, [&options](const NodeRecord* node) {
        return Plausible(node->load.cpu_load) < options.cpu_load_limit;
      });
    case SelectorKind::kSystemLoad:
      return Preferred(nodes, below_system_load);
    case SelectorKind::kRegionAware:
      return Least(Preferred(nodes, below_system_load),
                   [&options](const NodeRecord& node) { return Distance(node.region, options); });
  }
  return nodes;
}

Nodes TwoOf(const Nodes& nodes, Random& random) {
  const auto count = static_cast<uint32_t>(nodes.size());
  const uint32_t first = random.NextBelow(count);
  const uint32_t second = (first + 1 + random.NextBelow(count - 1)) % count;
  return {nodes[first], nodes[second]};
}

}  // namespace

std::optional<std::string> SelectWorker(absl::Span<const NodeRecord> nodes, Timestamp now,
                                        const SelectorOptions& options, Random& random) {
  Nodes candidates;
  for (const NodeRecord& node : nodes) {
    if (node.kind == cluster::NodeKind::kWorker && !node.draining &&
        cluster::IsAvailable(node, now)) {
      candidates.push_back(&node);
    }
  }
  if (candidates.empty()) {
    return std::nullopt;
  }
  candidates = ByKind(candidates, options);
  if (options.algorithm == Algorithm::kTwoChoice && candidates.size() > 2) {
    candidates = TwoOf(candidates, random);
  }
  candidates = Least(candidates, [&options](const NodeRecord& node) {
    return SortValue(node.load, options.sort_by);
  });
  return candidates[random.NextBelow(static_cast<uint32_t>(candidates.size()))]->id;
}

}  // namespace sfu::placement
