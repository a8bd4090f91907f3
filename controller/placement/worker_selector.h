#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/cluster/node_record.h"
#include "common/time/timestamp.h"

namespace sfu::placement {

struct SelectorOptions {
  std::string region;           // Ours; workers there come first. Empty: no preference.
  double cpu_load_limit = 0.9;  // Fuller workers are taken only when all are that full.
};

// The worker that a new room goes to, or nullopt when none lives that takes rooms. Among equals in
// region and room to spare, the least loaded; among equally loaded ones, any. Pure.
std::optional<std::string> SelectWorker(absl::Span<const cluster::NodeRecord> nodes, Timestamp now,
                                        const SelectorOptions& options, Random& random);

}  // namespace sfu::placement
