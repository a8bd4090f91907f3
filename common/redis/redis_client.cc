#include "common/redis/redis_client.h"

#include <algorithm>
#include <utility>

#include <absl/synchronization/notification.h>
#include <fmt/format.h>

#include "common/log/log.h"

namespace sfu::redis {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
// Short: an empty Redis that is back should know the living within seconds.
constexpr absl::Duration kLongestPause = absl::Seconds(3);

}  // namespace

absl::StatusOr<std::unique_ptr<RedisClient>> RedisClient::Start(const RedisOptions& options,
                                                                AsioLoop& loop, Random& random) {
  std::shared_ptr<TlsContext> tls;
  if (options.tls.enabled) {
    absl::StatusOr<std::shared_ptr<TlsContext>> context = TlsContext::Make(options.tls);
    if (!context.ok()) {
      return context.status();
    }
    tls = *std::move(context);
  }
  std::unique_ptr<RedisClient> client(new RedisClient(options, loop, random, std::move(tls)));
  absl::Notification attempted;
  absl::Status outcome;
  RunAndWait(loop, [&] {
    client->timer_ = loop.CreateTimer([raw = client.get()] { raw->Connect(); });
    client->first_attempt_ = [&](absl::Status status) {
      outcome = std::move(status);
      attempted.Notify();
    };
    client->Connect();
  });
  attempted.WaitForNotification();  // Every way to connect has a deadline.
  if (!outcome.ok()) {
    const std::string_view key =
        options.sentinels.empty() ? "redis.address" : "redis.sentinel_addresses";
    return absl::Status(
        outcome.code(),
        fmt::format("unable to connect to redis: {}\n  {} says where it is; without a redis "
                    "section everything is kept in this process",
                    std::string(outcome.message()), key));
  }
  return client;
}

RedisClient::RedisClient(const RedisOptions& options, AsioLoop& loop, Random& random,
                         std::shared_ptr<TlsContext> tls)
    : options_(options),
      loop_(loop),
      random_(random),
      tls_(tls),
      sentinels_(loop, options, std::move(tls)) {}

RedisClient::~RedisClient() {
  RunAndWait(loop_, [this] {
    timer_.reset();
    sentinels_.Cancel();
    session_.reset();
    is_connected_ = false;
    FailPending(absl::UnavailableError("the server is stopping"));
  });
}

void RedisClient::Send(Command command, ReplyCallback callback) {
  if (outstanding_.fetch_add(1, std::memory_order_relaxed) >= kMaxOutstanding) {
    outstanding_.fetch_sub(1, std::memory_order_relaxed);
    refused_over_limit_.fetch_add(1, std::memory_order_relaxed);
    callback(absl::UnavailableError("too many commands wait for Redis"));
    return;
  }
  Pending pending = {
      .command = std::move(command),
      .deadline = loop_.Now() + options_.command_timeout,
      .callback = [this, callback = std::move(callback)](absl::StatusOr<Reply> reply) mutable {
        outstanding_.fetch_sub(1, std::memory_order_relaxed);
        if (!reply.ok()) {
          counters_.command_failures.Add();
        }
        callback(std::move(reply));
      }};
  loop_.Post([this, pending = std::move(pending)]() mutable { Accept(std::move(pending)); });
}

void RedisClient::Evaluate(const Script& script, const std::vector<std::string>& keys,
                           const std::vector<std::string>& arguments, ReplyCallback callback) {
  Command command = {"EVALSHA", script.sha1_hex(), std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  Command in_full = command;
  in_full[0] = "EVAL";
  in_full[1] = script.text();
  Send(std::move(command), [this, in_full = std::move(in_full),
                            callback = std::move(callback)](absl::StatusOr<Reply> reply) mutable {
    if (absl::IsNotFound(reply.status())) {
      Send(std::move(in_full), std::move(callback));
    } else {
      callback(std::move(reply));
    }
  });
}

void RedisClient::Accept(Pending pending) {
  counters_.commands.Add();
  if (is_connected_) {
    session_->Send(pending.command, pending.deadline, std::move(pending.callback));
  } else if (timer_ == nullptr || attempts_failed_ > 0) {
    pending.callback(absl::UnavailableError("Redis is away"));
  } else {
    pending_.push_back(std::move(pending));  // At most kMaxOutstanding.
  }
}

void RedisClient::Connect() {
  if (options_.sentinels.empty()) {
    OpenSession(options_.server);
    return;
  }
  sentinels_.Start([this](absl::StatusOr<Endpoint> server) {
    if (server.ok()) {
      OpenSession(*server);
    } else {
      HandleLost(server.status());
    }
  });
}

void RedisClient::OpenSession(const Endpoint& server) {
  session_ = std::make_unique<Session>(
      loop_, server, options_, tls_, ServerHandshake(options_),
      Session::Handlers{.ready = [this] { HandleReady(); },
                        .closed = [this](absl::Status reason) { HandleLost(std::move(reason)); }});
}

void RedisClient::HandleReady() {
  counters_.connected.Add();
  if (attempts_failed_ > 0 && lost_at_ != Timestamp::Never()) {
    log::Write(log::Level::kInfo, "redis.connected_again",
               {{"afterSeconds", absl::ToInt64Seconds(loop_.Now() - lost_at_)},
                {"attempts", attempts_failed_ + 1}});
  }
  attempts_failed_ = 0;
  lost_at_ = Timestamp::Never();
  is_connected_ = true;
  for (Pending& pending : std::exchange(pending_, {})) {
    session_->Send(pending.command, pending.deadline, std::move(pending.callback));
  }
  if (first_attempt_) {
    std::exchange(first_attempt_, nullptr)(absl::OkStatus());
  }
}

void RedisClient::HandleLost(absl::Status reason) {
  counters_.connection_failures.Add();
  const bool was_connected = is_connected_.exchange(false);
  session_.reset();
  if (first_attempt_) {
    std::exchange(first_attempt_, nullptr)(std::move(reason));
    return;
  }
  const std::string words(reason.message());
  absl::Duration pause = absl::ZeroDuration();
  if (was_connected) {
    lost_at_ = loop_.Now();
    log::Write(log::Level::kWarning, "redis.lost", {{"reason", log::Public(words)}});
  } else {
    if (++attempts_failed_ == 1) {
      log::Write(log::Level::kWarning, "redis.away", {{"reason", log::Public(words)}});
    }
    FailPending(absl::UnavailableError("Redis is away"));
    pause = std::min(kFirstPause * (1 << std::min(attempts_failed_ - 1, 10u)), kLongestPause);
    // Half of it at random, so that a cluster does not come back as one.
    pause = pause / 2 + pause * random_.NextBelow(1000) / 2000;
  }
  timer_->WakeAt(loop_.Now() + pause);
}

void RedisClient::FailPending(const absl::Status& reason) {
  for (Pending& pending : std::exchange(pending_, {})) {
    pending.callback(reason);
  }
}

}  // namespace sfu::redis
