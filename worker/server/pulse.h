#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"

namespace sfu::worker {

// Knows whether the worker's loops still turn, by looking at the media threads' counts of passes
// every now and then: an idle thread makes at least one a second. Says nothing of Redis or of
// controllers, whose absence is no reason to be restarted. Thread-safe.
class Pulse {
 public:
  // A media thread that works on one batch for longer than this is no server any more.
  static constexpr absl::Duration kLimit = absl::Seconds(10);

  Pulse(Timestamp now, size_t media_threads);

  // On the service's loop, every few seconds. `passes` by media thread.
  void HandleTick(Timestamp now, absl::Span<const uint64_t> passes);

  // What stands still, in words for an operator; nullopt when nothing does.
  std::optional<std::string> Complaint(Timestamp now) const;

 private:
  struct Thread {
    uint64_t passes = 0;
    Timestamp moved_at;
  };

  mutable absl::Mutex mutex_;
  Timestamp ticked_at_ ABSL_GUARDED_BY(mutex_);
  std::vector<Thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sfu::worker
