#pragma once

#include <optional>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::room {

// When a room without participants ends (signaling contract, section 10): a while after it was
// made if nobody came, a shorter while after the last one left. Dependents do not count.
class RoomLifecycle {
 public:
  explicit RoomLifecycle(Timestamp created) : empty_since_(created) {}

  void HandleOccupancy(Timestamp now, bool occupied) {
    if (occupied) {
      was_occupied_ = true;
      empty_since_.reset();
    } else if (!empty_since_) {
      empty_since_ = now;
    }
  }

  // Timeouts may change while they run.
  Timestamp ClosesAt(absl::Duration empty_timeout, absl::Duration departure_timeout) const {
    if (!empty_since_) {
      return Timestamp::Never();
    }
    return *empty_since_ + (was_occupied_ ? departure_timeout : empty_timeout);
  }

 private:
  std::optional<Timestamp> empty_since_;
  bool was_occupied_ = false;
};

}  // namespace sfu::room
