#pragma once

#include <memory>
#include <string>

#include "common/runtime/loop.h"

namespace boost::asio {
class io_context;
}

namespace sfu {

// A Loop on its own thread around one boost::asio::io_context (concurrency hint 1).
class AsioLoop : public Loop {
 public:
  // Starts the thread; `name` (15 characters at most) is what tools like top show.
  explicit AsioLoop(std::string name);
  ~AsioLoop() override;  // Stops.

  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  void Post(Task task) override;
  bool IsCurrent() const override;
  Timestamp Now() const override;
  std::unique_ptr<LoopTimer> CreateTimer(Task on_due) override;

  // Runs what was posted before the call, then ends the thread and waits for it. Timers and
  // sockets of the context never fire afterwards. Not on this loop; idempotent.
  void Stop();

  // For sockets that live on this loop; use it there. Outlives Stop(), not the AsioLoop.
  boost::asio::io_context& io_context();

 private:
  struct State;

  const std::unique_ptr<State> state_;
};

}  // namespace sfu
