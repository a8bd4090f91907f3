#pragma once

#include <optional>
#include <string>
#include <vector>

#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/cluster/node_record.h"
#include "common/time/timestamp.h"
#include "controller/placement/great_circle.h"

// Which worker a new room goes to (operations contract, 4.3).
namespace sfu::placement {

// Who is preferred before anything is compared.
enum class SelectorKind {
  kAny,
  kCpuLoad,      // Those below `cpu_load_limit`.
  kSystemLoad,   // Those below `system_load_limit`.
  kRegionAware,  // Of those below `system_load_limit`, the nearest region's.
};

// What is compared; less is better.
enum class SortBy {
  kRandom,
  kSystemLoad,
  kCpuLoad,
  kRooms,
  kClients,
  kTracks,          // In and out.
  kBytesPerSecond,  // In and out.
};

enum class Algorithm {
  kLowest,     // Of all. Several controllers that decide by the same report choose the same worker.
  kTwoChoice,  // Of two picked at random, which avoids that.
};

struct Region {
  std::string name;
  GeoPoint place;
};

struct SelectorOptions {
  SelectorKind kind = SelectorKind::kAny;
  SortBy sort_by = SortBy::kRandom;
  Algorithm algorithm = Algorithm::kLowest;
  double cpu_load_limit = 0.9;       // Of the busiest media thread, 0 to 1.
  double system_load_limit = 0.9;    // Load average per core.
  std::string region = "";           // Ours. For kRegionAware one of `regions`.
  std::vector<Region> regions = {};  // A worker of a region not listed is farther than any.
};

// A worker that lives and takes rooms, or nullopt when there is none. When all are over a limit,
// none is: somebody has to do it. Among equals, any. Pure.
std::optional<std::string> SelectWorker(absl::Span<const cluster::NodeRecord> nodes, Timestamp now,
                                        const SelectorOptions& options, Random& random);

}  // namespace sfu::placement
