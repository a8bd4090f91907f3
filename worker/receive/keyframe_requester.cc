#include "worker/receive/keyframe_requester.h"

#include <algorithm>

#include "common/base/check.h"

namespace sfu::receive {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(10);
constexpr double kBackOff = 1.5;
constexpr double kRoundTrips = 1.5;

}  // namespace

KeyframeRequester::KeyframeRequester(const Options& options) : options_(options) {
  SFU_CHECK(options.max_requests_per_10s <= kMaxRequestsPer10s);
  // "Long ago", so that the first ones are not held against anybody.
  requests_.fill(Timestamp::FromMicros(0) + -kPeriod);
}

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
  interval_ = interval_ == absl::ZeroDuration()
                  ? shortest
                  : std::clamp(kBackOff * interval_, shortest,
                               std::max(shortest, options_.max_interval));
  next_allowed_ = now + interval_;

  const size_t limit = options_.max_requests_per_10s;
  if (limit > 0) {
    std::move(requests_.begin() + 1, requests_.begin() + static_cast<ptrdiff_t>(limit),
              requests_.begin());
    requests_[limit - 1] = now;
    next_allowed_ = std::max(next_allowed_, requests_[0] + kPeriod);
  }
}

}  // namespace sfu::receive
