#pragma once

#include <optional>

#include <absl/time/time.h>

namespace sfu {

// Turns SIGINT, SIGTERM and SIGQUIT into something the main thread waits for. Construct it before
// any other thread exists: threads inherit the blocked signals. SIGPIPE is ignored from then on.
class StopSignal {
 public:
  StopSignal();

  // The next such signal's number, or nullopt when `timeout` passes first.
  std::optional<int> Wait(absl::Duration timeout = absl::InfiniteDuration());
};

}  // namespace sfu
