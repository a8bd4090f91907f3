#include "worker/receive/keyframe_requester.h"

#include <algorithm>

namespace sfu::receive {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(10);
constexpr double kBackOff = 1.5;
constexpr double kRoundTrips = 1.5;

}  // namespace

// The limit's worth of requests starts out "long ago", to be held against nobody.
KeyframeRequester::KeyframeRequester(const Options& options)
    : options_(options),
      requests_(options.max_requests_per_10s, Timestamp::FromMicros(0) + -kPeriod) {}

void KeyframeRequester::Want(Timestamp now) {
  if (!wanted_) {
    wanted_ = true;
    interval_ = absl::ZeroDuration();
    next_allowed_ = std::max(next_allowed_, now);
  }
}

void KeyframeRequester::HandleKeyframe(Timestamp now) {
  wanted_ = false;
  next_allowed_ = std::max(next_allowed_, now + kFresh);
}

bool KeyframeRequester::PollRequest(Timestamp now) {
  if (now < NextTimeout()) {
    return false;
  }
  Space(now);
  return true;
}

void KeyframeRequester::Space(Timestamp now) {
  const absl::Duration shortest = std::max(options_.min_interval, kRoundTrips * round_trip_);
  // The first repetition comes after the shortest interval, later ones back off.
  interval_ =
      interval_ == absl::ZeroDuration()
          ? shortest
          : std::clamp(kBackOff * interval_, shortest, std::max(shortest, options_.max_interval));
  next_allowed_ = now + interval_;

  if (!requests_.empty()) {
    requests_.erase(requests_.begin());
    requests_.push_back(now);
    next_allowed_ = std::max(next_allowed_, requests_.front() + kPeriod);
  }
}

}  // namespace sfu::receive
