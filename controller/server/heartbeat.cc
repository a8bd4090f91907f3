#include "controller/server/heartbeat.h"

#include <utility>

namespace sfu::server {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr absl::Duration kLimit = absl::Seconds(4);

}  // namespace

Heartbeat::Heartbeat(Loop& loop, Round round)
    : loop_(loop),
      round_(std::move(round)),
      last_beat_micros_(std::make_shared<std::atomic<int64_t>>(loop.Now().micros())) {
  RunAndWait(loop_, [this] {
    timer_ = loop_.CreateTimer([this] { Beat(); });
    Beat();
  });
}

Heartbeat::~Heartbeat() {
  RunAndWait(loop_, [this] { timer_.reset(); });
}

bool Heartbeat::is_healthy() const {
  const Timestamp last = Timestamp::FromMicros(*last_beat_micros_);
  return loop_.Now() - last <= kLimit;
}

void Heartbeat::Beat() {
  round_([beat = last_beat_micros_, &loop = loop_] { *beat = loop.Now().micros(); });
  timer_->WakeAt(loop_.Now() + kInterval);
}

}  // namespace sfu::server
