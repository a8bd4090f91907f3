#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "common/redis/command_pipeline.h"
#include "common/redis/connection.h"
#include "common/redis/handshake.h"
#include "common/redis/redis_options.h"
#include "common/redis/tls_context.h"
#include "common/runtime/asio_loop.h"

namespace sfu::redis {

// One connection from dialling to its end: the handshake, then whatever is sent. Lives on the
// loop.
class Session {
 public:
  struct Handlers {
    std::function<void()> ready;
    // Once, after `ready` or instead of it; the last call, in which the session may be destroyed.
    std::function<void(absl::Status reason)> closed;
  };

  Session(AsioLoop& loop, const Endpoint& endpoint, const RedisOptions& options,
          std::shared_ptr<TlsContext> tls, std::vector<HandshakeStep> handshake, Handlers handlers);
  // Closes; who still waits is told Unavailable, `closed` is not called.
  ~Session();

  // After `ready`. Commands sent in one round of the loop leave in one write. Deadlines as in
  // CommandPipeline::Add().
  void Send(const Command& command, Timestamp deadline, ReplyCallback callback);

 private:
  void HandleOpened();
  void Judge(size_t step, const absl::StatusOr<Reply>& answer);
  void HandleBytes(std::string_view bytes);
  void HandleTimeout();
  void Flush();
  void Rearm();
  absl::Status WithHint(const absl::Status& reason) const;
  void Fail(absl::Status reason);

  AsioLoop& loop_;
  const RedisOptions options_;
  const Endpoint endpoint_;
  const std::vector<HandshakeStep> handshake_;
  Handlers handlers_;
  CommandPipeline pipeline_;
  const std::unique_ptr<LoopTimer> timer_;
  Timestamp dial_deadline_;  // Never() once ready.
  Timestamp armed_ = Timestamp::Never();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For tasks posted to the loop.
  bool flush_posted_ = false;
  bool is_ready_ = false;
  absl::Status refusal_;  // What the handshake found.
  std::shared_ptr<Connection> connection_;
};

}  // namespace sfu::redis
