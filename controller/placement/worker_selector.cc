#include "controller/placement/worker_selector.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace sfu::placement {
namespace {

using cluster::NodeRecord;

bool TakesRooms(const NodeRecord& node, Timestamp now) {
  return node.kind == cluster::NodeKind::kWorker && !node.draining &&
         cluster::IsAvailable(node, now);
}

// Smaller is better. CPU counts in steps of a tenth: it fluctuates, the number of rooms does not.
auto Rank(const NodeRecord& node, const SelectorOptions& options) {
  return std::make_tuple(node.load.cpu_load >= options.cpu_load_limit,
                         !options.region.empty() && node.region != options.region,
                         static_cast<int>(node.load.cpu_load * 10), node.load.rooms);
}

}  // namespace

std::optional<std::string> SelectWorker(absl::Span<const NodeRecord> nodes, Timestamp now,
                                        const SelectorOptions& options, Random& random) {
  std::vector<const NodeRecord*> best;
  for (const NodeRecord& node : nodes) {
    if (!TakesRooms(node, now)) {
      continue;
    }
    if (!best.empty() && Rank(node, options) < Rank(*best.front(), options)) {
      best.clear();
    }
    if (best.empty() || Rank(node, options) == Rank(*best.front(), options)) {
      best.push_back(&node);
    }
  }
  if (best.empty()) {
    return std::nullopt;
  }
  return best[random.NextBelow(static_cast<uint32_t>(best.size()))]->id;
}

}  // namespace sfu::placement
