#pragma once

#include <memory>

#include <absl/functional/any_invocable.h>

#include "common/time/timestamp.h"

namespace sfu {

// A timer that wakes one loop. Created, set and destroyed on that loop.
class LoopTimer {
 public:
  virtual ~LoopTimer() = default;  // Disarms.

  // Calls the timer's task once at `due`, or as soon as possible when that has passed. Replaces
  // what was set before; Timestamp::Never() disarms. A task already due may not run any more
  // after it was replaced or disarmed.
  virtual void WakeAt(Timestamp due) = 0;
};

// One thread that runs what is posted to it, in order: the seam between pure cores and threads.
// Objects that live on a loop are touched and destroyed only there. Production: AsioLoop.
class Loop {
 public:
  using Task = absl::AnyInvocable<void()>;

  virtual ~Loop() = default;

  // Any thread. Tasks of one poster keep their order. A loop that has stopped destroys the task
  // without running it.
  virtual void Post(Task task) = 0;

  // Any thread: whether the caller is this loop.
  virtual bool IsCurrent() const = 0;

  // Any thread: the monotonic clock.
  virtual Timestamp Now() const = 0;

  // On this loop. The timer is not armed yet.
  virtual std::unique_ptr<LoopTimer> CreateTimer(Task on_due) = 0;
};

// Runs `task` on `loop` and returns when it is done. For assembly, shutdown and tests only: a
// loop that waits for another may deadlock. Runs at once when the caller is the loop.
void RunAndWait(Loop& loop, Loop::Task task);

}  // namespace sfu
