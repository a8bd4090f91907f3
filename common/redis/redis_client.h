#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "common/metrics/counter.h"
#include "common/redis/command_pipeline.h"
#include "common/redis/redis_options.h"
#include "common/redis/script.h"
#include "common/redis/sentinel_lookup.h"
#include "common/redis/session.h"
#include "common/runtime/asio_loop.h"

namespace sfu::redis {

// Written on the client's loop.
struct RedisCounters {
  Counter connected;
  Counter connection_failures;  // Attempts in vain and connections lost.
  Counter commands;
  Counter command_failures;  // Of these: answered by an error, late or not at all.
};

// The process's one connection to Redis: everything goes through it in order, pipelined. When it
// breaks it is made anew, with growing, jittered pauses. Nobody ever waits for it: while Redis is
// away every command fails at once, and one that is under way fails in
// RedisOptions::command_timeout at the latest. Thread-safe; callbacks come on the loop.
class RedisClient {
 public:
  // More commands than this at one time are refused, and counted.
  static constexpr size_t kMaxOutstanding = 10'000;

  // Returns when the first attempt to connect has an outcome; an error is for the operator and
  // ends the start. Not on `loop`. `random` is used on the loop. Both must outlive the client.
  static absl::StatusOr<std::unique_ptr<RedisClient>> Start(const RedisOptions& options,
                                                            AsioLoop& loop, Random& random);
  // Not from a callback. Who still waits is told Unavailable.
  ~RedisClient();

  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // Unavailable: Redis is away, or too slow; DeadlineExceeded: it may or may not have done it.
  // Other errors: see StatusOf().
  void Send(Command command, ReplyCallback callback);

  // `script` must outlive the client.
  void Evaluate(const Script& script, const std::vector<std::string>& keys,
                const std::vector<std::string>& arguments, ReplyCallback callback);

  AsioLoop& loop() { return loop_; }
  bool is_connected() const { return is_connected_; }
  const RedisCounters& counters() const { return counters_; }
  uint64_t refused_over_limit() const { return refused_over_limit_; }

 private:
  struct Pending {
    Command command;
    Timestamp deadline;
    ReplyCallback callback;
  };
  using Attempted = std::function<void(absl::Status)>;

  RedisClient(const RedisOptions& options, AsioLoop& loop, Random& random,
              std::shared_ptr<TlsContext> tls);

  void Connect();
  void OpenSession(const Endpoint& server);
  void HandleReady();
  void HandleLost(absl::Status reason);
  void Accept(Pending pending);
  void FailPending(const absl::Status& reason);

  const RedisOptions options_;
  AsioLoop& loop_;
  Random& random_;
  const std::shared_ptr<TlsContext> tls_;
  std::atomic<size_t> outstanding_ = 0;
  std::atomic<uint64_t> refused_over_limit_ = 0;
  std::atomic<bool> is_connected_ = false;

  // On the loop.
  Attempted first_attempt_;
  SentinelLookup sentinels_;
  std::unique_ptr<Session> session_;  // While connecting or connected.
  std::unique_ptr<LoopTimer> timer_;  // For the next attempt. Null before and after all.
  Timestamp lost_at_ = Timestamp::Never();
  uint32_t attempts_failed_ = 0;  // Since the last success.
  std::deque<Pending> pending_;   // Until the first attempt after a loss has an outcome.
  RedisCounters counters_;
};

}  // namespace sfu::redis
