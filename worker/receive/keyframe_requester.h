#pragma once

#include <cstddef>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::receive {

// Decides when to ask a publisher for a key frame on one of its video encodings [RX-52].
//
// Any number of subscribers may need one at the same moment, while the publisher should see few
// Picture Loss Indications (RFC 4585 §6.3.1): the first at once, the next no sooner than
// max(min_interval, 1.5 round trips), then more and more rarely up to max_interval for as long as
// no key frame comes.
//
// Pure state: reads no clock and sends nothing. Not thread-safe; lives on its room's media thread.
class KeyframeRequester {
 public:
  struct Options {
    absl::Duration min_interval = absl::Milliseconds(300);
    absl::Duration max_interval = absl::Seconds(1);
    // How many in any 10 s; 0: no such limit. For streams whose key frames are huge, like screens
    // of 1080p and more: {1 s, 1 s, 6}.
    size_t max_requests_per_10s = 0;
  };
  // A key frame this young serves those who ask for one now, from the history.
  static constexpr absl::Duration kFresh = absl::Milliseconds(100);

  KeyframeRequester() : KeyframeRequester(Options()) {}
  explicit KeyframeRequester(const Options& options);

  // A subscriber cannot decode until the next key frame. Idempotent; stands until a key frame
  // begins or Cancel().
  void Want(Timestamp now);

  // A key frame begins to arrive: whoever was waiting is served.
  void HandleKeyframe(Timestamp now);

  // Nobody wants one any more, or the publisher has muted [RX-53].
  void Cancel() { wanted_ = false; }

  void SetRoundTripTime(absl::Duration round_trip) { round_trip_ = round_trip; }

  // True when one request should go out now.
  [[nodiscard]] bool PollRequest(Timestamp now);

  // When PollRequest() can next return true, or Never().
  Timestamp NextTimeout() const { return wanted_ ? next_allowed_ : Timestamp::Never(); }

  bool wanted() const { return wanted_; }

 private:
  void Space(Timestamp now);

  Options options_;
  absl::Duration round_trip_ = absl::Milliseconds(70);
  absl::Duration interval_ = absl::ZeroDuration();  // Between the last request and the next.
  bool wanted_ = false;
  // Outlives a request, so that two in a row are still spaced out.
  Timestamp next_allowed_ = Timestamp::FromMicros(0);
  // When the latest options_.max_requests_per_10s went out, oldest first.
  std::vector<Timestamp> requests_;
};

}  // namespace sfu::receive
