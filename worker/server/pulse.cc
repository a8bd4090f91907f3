#include "worker/server/pulse.h"

#include <fmt/format.h>

#include "common/base/check.h"

namespace sfu::worker {

Pulse::Pulse(Timestamp now, size_t media_threads)
    : ticked_at_(now), threads_(media_threads, Thread{.moved_at = now}) {}

void Pulse::HandleTick(Timestamp now, absl::Span<const uint64_t> passes) {
  const absl::MutexLock lock(&mutex_);
  SFU_CHECK(passes.size() == threads_.size());
  ticked_at_ = now;
  for (size_t i = 0; i < passes.size(); ++i) {
    if (passes[i] != threads_[i].passes) {
      threads_[i] = {passes[i], now};
    }
  }
}

std::optional<std::string> Pulse::Complaint(Timestamp now) const {
  const absl::MutexLock lock(&mutex_);
  if (now - ticked_at_ > kLimit) {
    return "the service's loop stands still";
  }
  for (size_t i = 0; i < threads_.size(); ++i) {
    if (now - threads_[i].moved_at > kLimit) {
      return fmt::format("media thread {} stands still", i);
    }
  }
  return std::nullopt;
}

}  // namespace sfu::worker
