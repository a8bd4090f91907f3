#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "common/runtime/loop.h"

namespace sfu::server {

// Knows whether the controller's loops still turn: every second it asks for a round through all of
// them, and remembers when the last one came back. Constructed and destroyed off its loop.
class Heartbeat {
 public:
  // `round` calls its argument when every loop has had a turn.
  using Round = std::function<void(std::function<void()>)>;

  Heartbeat(Loop& loop, Round round);
  ~Heartbeat();

  // The reference's limit: statistics older than 4 s are an ailing server (section 5.1 of the
  // operations contract). Any thread.
  bool is_healthy() const;

 private:
  void Beat();

  Loop& loop_;
  const Round round_;
  const std::shared_ptr<std::atomic<int64_t>> last_beat_micros_;
  std::unique_ptr<LoopTimer> timer_;  // On `loop_`.
};

}  // namespace sfu::server
