#pragma once

#include <functional>
#include <map>
#include <utility>

#include "common/time/timestamp.h"

namespace sfu {

// What is to happen at which instant; of what is due together, what was asked for first happens
// first.
class SimulatedQueue {
 public:
  void At(Timestamp when, std::function<void()> action) {
    actions_.emplace(when, std::move(action));
  }

  Timestamp NextTimeout() const {
    return actions_.empty() ? Timestamp::Never() : actions_.begin()->first;
  }

  // Runs one action that is due; false when there is none.
  bool RunOne(Timestamp now) {
    if (now < NextTimeout()) {
      return false;
    }
    const std::function<void()> action = std::move(actions_.begin()->second);
    actions_.erase(actions_.begin());
    action();
    return true;
  }

 private:
  std::multimap<Timestamp, std::function<void()>> actions_;
};

}  // namespace sfu
