#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <absl/status/statusor.h>

#include "common/redis/session.h"

namespace sfu::redis {

// Asks the sentinels, one after the other, where the master is. Lives on the loop.
class SentinelLookup {
 public:
  using Callback = std::function<void(absl::StatusOr<Endpoint>)>;

  SentinelLookup(AsioLoop& loop, const RedisOptions& options, std::shared_ptr<TlsContext> tls)
      : loop_(loop), options_(options), tls_(std::move(tls)) {}

  // Begins with the sentinel that answered last. The error is that of the last one asked. One
  // lookup at a time.
  void Start(Callback callback);
  // Ends it without calling back. Not from the callback. Before destruction, on the loop.
  void Cancel() { session_.reset(); }

 private:
  void AskNext();
  void HandleReady();
  void HandleAnswer(const absl::StatusOr<Reply>& answer);
  void Finish(absl::StatusOr<Endpoint> result);

  AsioLoop& loop_;
  const RedisOptions options_;
  const std::shared_ptr<TlsContext> tls_;
  Callback callback_;
  size_t current_ = 0;
  size_t asked_ = 0;  // In this lookup.
  absl::Status problem_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For tasks posted to the loop.
  std::unique_ptr<Session> session_;
};

}  // namespace sfu::redis
