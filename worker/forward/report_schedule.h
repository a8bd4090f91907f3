#pragma once

#include <cstdint>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::forward {

// When sender reports of one outgoing stream are due [TX-41]: 100 ms after the first packet, so
// that receivers can synchronise early, then three times after 1 s, then every 3 s give or take 20
// %. A switch of source starts over.
class ReportSchedule {
 public:
  // `seed` spreads the reports of different streams; its SSRC will do.
  explicit ReportSchedule(uint32_t seed) : state_(seed) {}

  // A packet of a new source was sent.
  void Restart(Timestamp now);
  // A report was sent.
  void Advance(Timestamp now);
  void Stop() { next_ = Timestamp::Never(); }

  Timestamp NextTimeout() const { return next_; }

 private:
  uint32_t state_;
  int sent_ = 0;
  Timestamp next_ = Timestamp::Never();
};

}  // namespace sfu::forward
