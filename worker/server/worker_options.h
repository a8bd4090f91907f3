#pragma once

#include <absl/status/statusor.h>

#include "common/config/config.h"
#include "worker/server/worker.h"

namespace sfu::worker {

// The part of a process's configuration that concerns its worker. The status of a failure names the
// key. `cores` is how many processors the machine has.
absl::StatusOr<WorkerOptions> WorkerOptionsFrom(const config::Config& config, uint32_t cores);

}  // namespace sfu::worker
