#pragma once

#include <optional>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "common/time/timestamp.h"

namespace sfu::mediaroom {

// Which of many things is due next. A deadline that moves later is not moved here: it fires at its
// old time, finds nothing to do, and is armed anew. So the common case, a deadline that was pushed
// back by traffic, costs one comparison. One entry per key.
template <typename Key>
class DeadlineQueue {
 public:
  // `key` is due at `deadline` at the latest.
  void Arm(const Key& key, Timestamp deadline) {
    const auto armed = armed_.find(key);
    if (armed == armed_.end()) {
      if (deadline != Timestamp::Never()) {
        armed_.emplace(key, deadline);
        order_.emplace(deadline, key);
      }
      return;
    }
    if (deadline < armed->second) {
      order_.erase({armed->second, key});
      order_.emplace(deadline, key);
      armed->second = deadline;
    }
  }

  void Disarm(const Key& key) {
    const auto armed = armed_.find(key);
    if (armed != armed_.end()) {
      order_.erase({armed->second, key});
      armed_.erase(armed);
    }
  }

  Timestamp NextTimeout() const {
    return order_.empty() ? Timestamp::Never() : order_.begin()->first;
  }

  // Takes out one key that is due, the earliest first; arm it again after dealing with it.
  std::optional<Key> PollDue(Timestamp now) {
    if (now < NextTimeout()) {
      return std::nullopt;
    }
    const Key key = order_.begin()->second;
    order_.erase(order_.begin());
    armed_.erase(key);
    return key;
  }

 private:
  absl::btree_map<Key, Timestamp> armed_;
  absl::btree_set<std::pair<Timestamp, Key>> order_;
};

}  // namespace sfu::mediaroom
