#pragma once

#include <array>
#include <cstdint>

#include <absl/types/span.h>
#include <sys/epoll.h>

#include "common/time/timestamp.h"

namespace sfu::media {

// What one media thread waits for (epoll, level-triggered). A descriptor is forgotten when it is
// closed.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Reports `events` of `descriptor` under `token` from now on, in place of what was wanted before.
  void Watch(int descriptor, uint64_t token, uint32_t events);

  // Returns what is ready, in data.u64 the token; empty when `until` has come first. Valid until
  // the next call.
  absl::Span<const epoll_event> Wait(Timestamp now, Timestamp until);

 private:
  const int epoll_;
  std::array<epoll_event, 64> events_;
};

}  // namespace sfu::media
