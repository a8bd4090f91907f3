#include "common/redis/session.h"

#include <algorithm>
#include <utility>

#include <absl/strings/match.h>
#include <fmt/format.h>

namespace sfu::redis {

Session::Session(AsioLoop& loop, const Endpoint& endpoint, const RedisOptions& options,
                 std::shared_ptr<TlsContext> tls, std::vector<HandshakeStep> handshake,
                 Handlers handlers)
    : loop_(loop),
      options_(options),
      endpoint_(endpoint),
      handshake_(std::move(handshake)),
      handlers_(std::move(handlers)),
      pipeline_(options.stall_limit),
      timer_(loop.CreateTimer([this] { HandleTimeout(); })),
      dial_deadline_(loop.Now() + options.dial_timeout) {
  connection_ =
      Connection::Open(loop.io_context(), endpoint, std::move(tls),
                       {.opened = [this] { HandleOpened(); },
                        .received = [this](std::string_view bytes) { HandleBytes(bytes); },
                        .closed = [this](const absl::Status& reason) { Fail(WithHint(reason)); }});
  Rearm();
}

Session::~Session() {
  *alive_ = false;
  connection_->Close();
  pipeline_.FailAll(absl::UnavailableError("the connection to Redis was closed"));
}

void Session::Send(const Command& command, Timestamp deadline, ReplyCallback callback) {
  pipeline_.Add(loop_.Now(), command, deadline, std::move(callback));
  Rearm();
  if (!std::exchange(flush_posted_, true)) {
    loop_.Post([this, alive = alive_] {
      if (*alive) {
        Flush();
      }
    });
  }
}

void Session::HandleOpened() {
  for (size_t step = 0; step < handshake_.size(); ++step) {
    pipeline_.Add(loop_.Now(), handshake_[step].command, dial_deadline_,
                  [this, step](const absl::StatusOr<Reply>& answer) { Judge(step, answer); });
  }
  Flush();
  Rearm();
}

void Session::Judge(size_t step, const absl::StatusOr<Reply>& answer) {
  if (refusal_.ok() && !absl::IsDeadlineExceeded(answer.status())) {
    refusal_ = handshake_[step].judge(answer);
    is_ready_ = refusal_.ok() && step + 1 == handshake_.size();
  }
}

void Session::HandleBytes(std::string_view bytes) {
  const bool was_ready = is_ready_;
  absl::Status status = pipeline_.HandleBytes(loop_.Now(), bytes);
  if (status.ok()) {
    status = refusal_;
  }
  if (!status.ok()) {
    Fail(absl::Status(status.code(),
                      fmt::format("{}: {}", endpoint_.ToText(), std::string(status.message()))));
    return;
  }
  if (is_ready_ && pipeline_.wants_reconnect()) {
    Fail(absl::UnavailableError(
        fmt::format("{} is no longer the server to write to", endpoint_.ToText())));
    return;
  }
  if (is_ready_ && !was_ready) {
    dial_deadline_ = Timestamp::Never();
    Rearm();
    handlers_.ready();
  }
}

absl::Status Session::WithHint(const absl::Status& reason) const {
  // What the wrong kind of port looks like.
  const bool hung_up = absl::StrContains(reason.message(), "closed the connection");
  if (is_ready_ || !(hung_up || options_.tls.enabled)) {
    return reason;
  }
  return absl::UnavailableError(
      fmt::format("{} (redis.tls.enabled is {}: is that what this port wants?)",
                  std::string(reason.message()), options_.tls.enabled));
}

void Session::HandleTimeout() {
  armed_ = Timestamp::Never();
  const Timestamp now = loop_.Now();
  if (!is_ready_ && now >= dial_deadline_) {
    Fail(WithHint(
        absl::UnavailableError(fmt::format("{} does not answer within {}", endpoint_.ToText(),
                                           absl::FormatDuration(options_.dial_timeout)))));
    return;
  }
  if (const absl::Status status = pipeline_.HandleTimeout(now); !status.ok()) {
    Fail(absl::UnavailableError(
        fmt::format("{}: {}", endpoint_.ToText(), std::string(status.message()))));
    return;
  }
  Rearm();
}

void Session::Flush() {
  flush_posted_ = false;
  if (std::string bytes = pipeline_.TakeBytes(); !bytes.empty()) {
    connection_->Write(std::move(bytes));
  }
}

// Deadlines mostly move into the future, so the timer is left to wake a little early.
void Session::Rearm() {
  const Timestamp due =
      std::min(is_ready_ ? Timestamp::Never() : dial_deadline_, pipeline_.NextTimeout());
  if (due < armed_) {
    armed_ = due;
    timer_->WakeAt(due);
  }
}

void Session::Fail(absl::Status reason) {
  connection_->Close();
  timer_->WakeAt(Timestamp::Never());
  refusal_ = reason;
  pipeline_.FailAll(absl::UnavailableError("the connection to Redis was lost"));
  const std::function<void(absl::Status)> closed = std::move(handlers_.closed);
  closed(std::move(reason));
}

}  // namespace sfu::redis
