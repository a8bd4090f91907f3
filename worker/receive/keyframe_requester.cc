#include "worker/receive/keyframe_requester.h"

#include <algorithm>

namespace sfu {

KeyframeRequester::KeyframeRequester(absl::Duration min_interval)
    : min_interval_(min_interval), next_allowed_(Timestamp::FromMicros(0)) {}

void KeyframeRequester::Want(Timestamp now) {
  if (!wanted_) {
    wanted_ = true;
    next_allowed_ = std::max(next_allowed_, now);
  }
}

void KeyframeRequester::Satisfied() { wanted_ = false; }

bool KeyframeRequester::PollRequest(Timestamp now) {
  if (now < NextTimeout()) {
    return false;
  }
  next_allowed_ = now + min_interval_;
  return true;
}

Timestamp KeyframeRequester::NextTimeout() const {
  return wanted_ ? next_allowed_ : Timestamp::Never();
}

}  // namespace sfu
