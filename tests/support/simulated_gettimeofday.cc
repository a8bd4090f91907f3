#include "tests/support/simulated_gettimeofday.h"

#include <cerrno>
#include <optional>

#include <sys/time.h>
#include <time.h>

namespace {

std::optional<sfu::Timestamp> simulated_now;

// An arbitrary day, so that OpenSSL does not take an early Timestamp for "no timer".
constexpr int64_t kEpochOffsetSeconds = 1'700'000'000;

}  // namespace

namespace sfu {

void SetSimulatedTimeOfDay(Timestamp now) { simulated_now = now; }

}  // namespace sfu

// Exported, so that it comes before the C library's in the order of lookup.
extern "C" __attribute__((visibility("default"))) int gettimeofday(struct timeval* result,
                                                                   void* /*zone*/) noexcept {
  if (simulated_now) {
    result->tv_sec = kEpochOffsetSeconds + simulated_now->micros() / 1'000'000;
    result->tv_usec = simulated_now->micros() % 1'000'000;
    return 0;
  }
  timespec real = {};
  if (clock_gettime(CLOCK_REALTIME, &real) != 0) {
    return -1;
  }
  result->tv_sec = real.tv_sec;
  result->tv_usec = real.tv_nsec / 1000;
  return 0;
}
