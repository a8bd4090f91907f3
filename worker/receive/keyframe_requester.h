#pragma once

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu {

// Decides when to ask a publisher for a keyframe on one of its video layers.
//
// Any number of subscribers may need one at the same moment, while the publisher should see at
// most one Picture Loss Indication (RFC 4585 §6.3.1) per `min_interval`. An unanswered request is
// repeated until a keyframe arrives or nobody wants it any more.
//
// Pure state: reads no clock and sends nothing. Not thread-safe; lives on its room's media thread.
class KeyframeRequester {
 public:
  explicit KeyframeRequester(absl::Duration min_interval);

  // A subscriber cannot decode until the next keyframe. Idempotent.
  void Want(Timestamp now);

  // The wanted keyframe has arrived, or its last subscriber has left.
  void Satisfied();

  // True when one indication should go out now; the next is then due `min_interval` later.
  [[nodiscard]] bool PollRequest(Timestamp now);

  // When PollRequest() can next return true, or Never().
  Timestamp NextTimeout() const;

 private:
  const absl::Duration min_interval_;
  bool wanted_ = false;
  Timestamp next_allowed_;  // Outlives a request, so that two in a row are still spaced out.
};

}  // namespace sfu
