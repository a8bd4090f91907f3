#include "common/runtime/loop.h"

#include <utility>

#include <absl/synchronization/notification.h>

namespace sfu {

void RunAndWait(Loop& loop, Loop::Task task) {
  if (loop.IsCurrent()) {
    task();
    return;
  }
  // Shared with the task's destructor, so that a stopped loop, which drops the task, wakes us too.
  struct Notifier {
    explicit Notifier(absl::Notification& target) : done(&target) {}
    Notifier(Notifier&& other) noexcept : done(std::exchange(other.done, nullptr)) {}
    Notifier& operator=(Notifier&&) = delete;
    ~Notifier() {
      if (done != nullptr) {
        done->Notify();
      }
    }
    absl::Notification* done;
  };
  absl::Notification done;
  loop.Post([notifier = Notifier(done), work = std::move(task)]() mutable { work(); });
  done.WaitForNotification();
}

}  // namespace sfu
