#include "worker/media/mailbox.h"

#include <cstdint>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/check.h"

namespace sfu::media {

Mailbox::Mailbox(size_t limit_tasks)
    : limit_tasks_(limit_tasks), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  SFU_CHECK(event_ >= 0);
}

Mailbox::~Mailbox() { close(event_); }

bool Mailbox::Post(Task task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_ || tasks_.size() >= limit_tasks_) {
      return false;
    }
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) {
      return true;  // Whoever came first has woken the thread.
    }
  }
  Wake();
  return true;
}

void Mailbox::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is at its maximum, and then the thread is awake.
  [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof(one));
}

void Mailbox::RunAll(Timestamp now) {
  uint64_t count;
  if (read(event_, &count, sizeof(count)) < 0) {
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.swap(tasks_);
  }
  for (Task& task : running_) {
    std::move(task)(now);
  }
  running_.clear();
}

void Mailbox::Close() {
  std::vector<Task> abandoned;
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  abandoned.swap(tasks_);
}

}  // namespace sfu::media
