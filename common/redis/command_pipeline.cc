#include "common/redis/command_pipeline.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sfu::redis {

void CommandPipeline::Add(Timestamp now, const Command& command, Timestamp deadline,
                          ReplyCallback callback) {
  EncodeCommand(command, bytes_);
  if (waiting_.empty()) {
    answered_at_ = now;
  }
  waiting_.push_back({.deadline = deadline, .callback = std::move(callback)});
}

std::string CommandPipeline::TakeBytes() { return std::exchange(bytes_, {}); }

absl::Status CommandPipeline::HandleBytes(Timestamp now, std::string_view bytes) {
  Expected<std::vector<Reply>, DecodeError> replies = decoder_.Decode(bytes);
  if (!replies) {
    return absl::InternalError(replies.error() == DecodeError::kTooLarge
                                   ? "a reply larger than this server ever asks for"
                                   : "this is not a Redis server: its replies make no sense");
  }
  for (Reply& reply : *replies) {
    if (waiting_.empty()) {
      return absl::InternalError("a reply that nobody asked for");
    }
    answered_at_ = now;
    ReplyCallback callback = std::move(waiting_.front().callback);
    waiting_.pop_front();
    if (reply.is_error() && AsksToReconnect(reply)) {
      wants_reconnect_ = true;
    }
    if (callback) {
      callback(reply.is_error() ? absl::StatusOr<Reply>(StatusOf(reply))
                                : absl::StatusOr<Reply>(std::move(reply)));
    }
  }
  return absl::OkStatus();
}

absl::Status CommandPipeline::HandleTimeout(Timestamp now) {
  if (!waiting_.empty() && now >= answered_at_ + stall_limit_) {
    return absl::DeadlineExceededError("the server does not answer");
  }
  for (size_t i = 0; i < waiting_.size() && now >= waiting_[i].deadline; ++i) {
    if (waiting_[i].callback) {
      std::exchange(waiting_[i].callback,
                    nullptr)(absl::DeadlineExceededError("no reply from Redis in time"));
    }
  }
  return absl::OkStatus();
}

Timestamp CommandPipeline::NextTimeout() const {
  if (waiting_.empty()) {
    return Timestamp::Never();
  }
  const Timestamp next = answered_at_ + stall_limit_;
  for (const Waiting& waiting : waiting_) {
    if (waiting.callback) {
      return std::min(next, waiting.deadline);
    }
  }
  return next;
}

void CommandPipeline::FailAll(const absl::Status& status) {
  bytes_.clear();
  // A callback may ask for something new, which is no longer ours.
  std::deque<Waiting> waiting = std::exchange(waiting_, {});
  for (Waiting& each : waiting) {
    if (each.callback) {
      each.callback(status);
    }
  }
}

}  // namespace sfu::redis
