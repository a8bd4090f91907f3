#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include <absl/functional/any_invocable.h>

#include "common/time/timestamp.h"

namespace sfu::media {

// Tasks for a media thread from other threads: commands, not packets, so a mutex is cheap enough.
// Bounded. Wakes the thread through an eventfd, once however many tasks are waiting.
class Mailbox {
 public:
  using Task = absl::AnyInvocable<void(Timestamp now) &&>;

  explicit Mailbox(size_t limit_tasks);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // False if full or closed; the task is then destroyed. Any thread.
  bool Post(Task task);
  void Wake();  // Without a task. Any thread.

  // Readable when there is something to take.
  int descriptor() const { return event_; }
  // Runs everything that was posted before the call, in order: a task that posts another does not
  // keep the thread from its packets. Does nothing, at the price of a system call, unless the
  // descriptor is readable. The thread's own.
  void RunAll(Timestamp now);

  // Refuses what comes from now on and destroys what is waiting.
  void Close();

 private:
  const size_t limit_tasks_;
  int event_ = -1;
  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool closed_ = false;
  std::vector<Task> running_;  // Scratch of RunAll().
};

}  // namespace sfu::media
