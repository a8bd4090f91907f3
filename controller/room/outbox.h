#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "controller/room/effect.h"

namespace sfu::room {

// The effects of one room, in the order they must be performed. All parts of a room write into the
// same one; its order is the order clients see. Holds what one input caused: the owner takes all of
// it before the next.
class Outbox {
 public:
  void Push(Effect effect) { effects_.push_back(std::move(effect)); }

  std::optional<Effect> Poll() {
    if (effects_.empty()) {
      return std::nullopt;
    }
    Effect effect = std::move(effects_.front());
    effects_.pop_front();
    return effect;
  }

 private:
  std::deque<Effect> effects_;
};

}  // namespace sfu::room
