#include "worker/media/poller.h"

#include <algorithm>

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"

namespace sfu::media {
namespace {

// How long the thread sleeps at most. Nothing depends on it but the freshness of its load figure.
constexpr absl::Duration kMaxSleep = absl::Seconds(1);

timespec SleepUntil(Timestamp now, Timestamp until) {
  if (until <= now) {
    return {0, 0};
  }
  const absl::Duration sleep =
      until == Timestamp::Never() ? kMaxSleep : std::min(until - now, kMaxSleep);
  return absl::ToTimespec(sleep);
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { SFU_CHECK(epoll_ >= 0); }

Poller::~Poller() { close(epoll_); }

void Poller::Watch(int descriptor, uint64_t token, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = token;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0) {
    SFU_CHECK(errno == ENOENT);
    SFU_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0);
  }
}

absl::Span<const epoll_event> Poller::Wait(Timestamp now, Timestamp until) {
  const timespec sleep = SleepUntil(now, until);
  const int count =
      epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &sleep, nullptr);
  SFU_CHECK(count >= 0 || errno == EINTR);
  return absl::MakeConstSpan(events_).first(static_cast<size_t>(std::max(count, 0)));
}

}  // namespace sfu::media
