#pragma once

#include <cstdint>
#include <optional>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/rtp/source_clock.h"

namespace sfu::forward {

// Keeps the timestamps of one outgoing stream on one line while its sources change [TX-10..13].
//
// Within a source the distance of incoming and outgoing timestamps is constant. Where a source
// begins, sender reports tell which instant its timestamps mean, and so where they belong on the
// line; without them the time that passed must do. All timestamps are unwrapped.
class TimestampMunger {
 public:
  static constexpr absl::Duration kSwitchBehind = absl::Milliseconds(50);
  static constexpr absl::Duration kResumeAhead = absl::Seconds(2);
  // How long a switch waits for sender reports of both encodings.
  static constexpr absl::Duration kReportGrace = absl::Seconds(1);
  // A switch refused for that long for its timestamps is made all the same.
  static constexpr absl::Duration kMaxRefusal = absl::Seconds(3);

  explicit TimestampMunger(uint32_t first) : last_(first) {}

  // The first packet of all.
  void Start(Timestamp now, int64_t in, uint32_t clock_rate);

  // To another encoding of the same track. False, and nothing changed, if its place on the line is
  // not known yet or lies too far back; the former encoding must go on. `wait` false: there is no
  // former encoding to go on with, so it is never refused.
  [[nodiscard]] bool SwitchLayer(Timestamp now, int64_t in, const rtp::SourceClock* from,
                                 const rtp::SourceClock* to, bool wait);

  // The same source after a pause: its distance is kept if that makes sense.
  void Resume(Timestamp now, int64_t in);

  // A source that has nothing to do with the former one: placed by the time that passed.
  void Restart(Timestamp now, int64_t in, uint32_t clock_rate);

  // Within the source.
  int64_t Map(int64_t in) const { return in - offset_; }
  void NoteSent(Timestamp now, int64_t out) {
    if (out > last_) {
      last_ = out;
      last_sent_ = now;
    }
  }

  bool started() const { return started_; }
  uint32_t clock_rate() const { return clock_rate_; }
  int64_t last() const { return last_; }
  Timestamp last_sent() const { return last_sent_; }

 private:
  int64_t Expected(Timestamp now) const;
  int64_t Ticks(absl::Duration duration) const;
  void Place(Timestamp now, int64_t in, int64_t out);
  // Notes one more refusal; true if it has gone on for `limit`.
  bool RefusedFor(Timestamp now, absl::Duration limit);

  bool started_ = false;
  uint32_t clock_rate_ = 90'000;
  int64_t offset_ = 0;
  int64_t last_;  // Highest outgoing one.
  Timestamp last_sent_ = Timestamp::FromMicros(0);
  Timestamp first_refusal_ = Timestamp::Never();
};

}  // namespace sfu::forward
