#include "common/runtime/asio_loop.h"

#include <chrono>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>

#include "common/base/check.h"
#include "common/runtime/system_clock.h"

namespace sfu {
namespace {

using SteadyTimer = boost::asio::steady_timer;

std::chrono::steady_clock::time_point ToSteady(Timestamp instant) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(instant.micros()));
}

class AsioTimer : public LoopTimer {
 public:
  AsioTimer(boost::asio::io_context& context, Loop::Task on_due)
      : shared_(std::make_shared<Shared>(context, std::move(on_due))) {}

  ~AsioTimer() override { Disarm(); }

  void WakeAt(Timestamp due) override {
    Disarm();
    if (due == Timestamp::Never()) {
      return;
    }
    shared_->timer.expires_at(ToSteady(due));
    shared_->timer.async_wait(
        [shared = shared_, generation = shared_->generation](const boost::system::error_code&) {
          // Cancelling cannot recall a wait that is already queued; its generation gives it away.
          if (shared->generation == generation) {
            ++shared->generation;
            shared->on_due();
          }
        });
  }

 private:
  struct Shared {
    Shared(boost::asio::io_context& context, Loop::Task task)
        : timer(context), on_due(std::move(task)) {}

    SteadyTimer timer;
    Loop::Task on_due;
    uint64_t generation = 0;
  };

  void Disarm() {
    ++shared_->generation;
    shared_->timer.cancel();
  }

  // The pending wait shares it: the task may destroy the timer it belongs to.
  const std::shared_ptr<Shared> shared_;
};

}  // namespace

struct AsioLoop::State {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  std::thread thread;
};

AsioLoop::AsioLoop(std::string name) : state_(std::make_unique<State>()) {
  state_->thread = std::thread([this, name = std::move(name)] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    state_->context.run();
  });
}

AsioLoop::~AsioLoop() { Stop(); }

void AsioLoop::Post(Task task) {
  if (state_->context.stopped()) {
    return;
  }
  // Asio wants a handler it can call through an lvalue; AnyInvocable is one.
  boost::asio::post(state_->context, std::move(task));
}

bool AsioLoop::IsCurrent() const { return state_->context.get_executor().running_in_this_thread(); }

Timestamp AsioLoop::Now() const { return SystemClock::MonotonicNow(); }

std::unique_ptr<LoopTimer> AsioLoop::CreateTimer(Task on_due) {
  SFU_CHECK(IsCurrent());
  return std::make_unique<AsioTimer>(state_->context, std::move(on_due));
}

void AsioLoop::Stop() {
  SFU_CHECK(!IsCurrent());
  if (!state_->thread.joinable()) {
    return;
  }
  Post([this] { state_->context.stop(); });
  state_->thread.join();
}

boost::asio::io_context& AsioLoop::io_context() { return state_->context; }

}  // namespace sfu
