#pragma once

#include <memory>
#include <string>
#include <utility>

#include <absl/status/statusor.h>
#include <absl/synchronization/notification.h>
#include <absl/time/clock.h>

#include "common/redis/redis_client.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/secure_random.h"
#include "tests/support/redis_server.h"

namespace sfu {

// A client of a test's server on a loop of its own, and commands that wait for their answers.
class RedisProbe {
 public:
  static redis::RedisOptions OptionsFor(const config::Redis& config) {
    return *redis::RedisOptionsFrom(config);
  }
  static config::Redis ConfigFor(const RedisServer& server) {
    return {.address = server.address()};
  }

  explicit RedisProbe(const RedisServer& server) : RedisProbe(ConfigFor(server)) {}
  explicit RedisProbe(const config::Redis& config) {
    auto started = redis::RedisClient::Start(OptionsFor(config), loop_, random_);
    if (started.ok()) {
      client_ = *std::move(started);
    } else {
      error_ = std::string(started.status().message());
    }
  }
  ~RedisProbe() { client_.reset(); }

  // Why the client did not start; empty when it did.
  const std::string& error() const { return error_; }
  redis::RedisClient& client() { return *client_; }
  AsioLoop& loop() { return loop_; }

  absl::StatusOr<redis::Reply> Ask(redis::Command command) {
    absl::StatusOr<redis::Reply> result = absl::UnknownError("no callback");
    absl::Notification done;
    client_->Send(std::move(command), [&](absl::StatusOr<redis::Reply> reply) {
      result = std::move(reply);
      done.Notify();
    });
    done.WaitForNotification();  // The client promises it within its command timeout.
    return result;
  }

  // Asks again until Redis answers, for at most 20 s.
  absl::StatusOr<redis::Reply> AskUntilAnswered(const redis::Command& command) {
    absl::StatusOr<redis::Reply> reply = Ask(command);
    const Timestamp give_up = loop_.Now() + absl::Seconds(20);
    while (!reply.ok() && loop_.Now() < give_up) {
      absl::SleepFor(absl::Milliseconds(20));
      reply = Ask(command);
    }
    return reply;
  }

 private:
  AsioLoop loop_{"redis"};
  SecureRandom random_;
  std::unique_ptr<redis::RedisClient> client_;
  std::string error_;
};

// Waits until `predicate` holds, for at most 20 s.
template <typename Predicate>
bool Eventually(Predicate predicate) {
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  while (!predicate()) {
    if (absl::Now() > give_up) {
      return false;
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace sfu
