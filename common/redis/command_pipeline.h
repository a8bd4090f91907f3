#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/redis/command.h"
#include "common/redis/reply_decoder.h"
#include "common/time/timestamp.h"

namespace sfu::redis {

// Called exactly once per command. A top-level error reply arrives as StatusOf() it.
using ReplyCallback = absl::AnyInvocable<void(absl::StatusOr<Reply>)>;

// The commands under way on one connection: Redis answers in the order asked, so a reply belongs
// to the oldest command without one. Reads no clock and owns no socket.
class CommandPipeline {
 public:
  // A server that answers nothing for `stall_limit` while asked is as good as gone.
  explicit CommandPipeline(absl::Duration stall_limit) : stall_limit_(stall_limit) {}

  // `deadline` is for the caller: it is then told DeadlineExceeded, although the command may
  // already have been, or yet be, carried out. Deadlines never fall from one call to the next.
  void Add(Timestamp now, const Command& command, Timestamp deadline, ReplyCallback callback);

  // What to write next; empty when nothing is new.
  std::string TakeBytes();

  // Calls back whoever has an answer. On an error the connection is of no more use.
  absl::Status HandleBytes(Timestamp now, std::string_view bytes);

  // Calls back whoever waited too long. On an error the server does not answer at all.
  absl::Status HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

  // The connection is gone: nobody will be answered any more.
  void FailAll(const absl::Status& status);

  // Whether some reply asked to look for another server.
  bool wants_reconnect() const { return wants_reconnect_; }
  size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    Timestamp deadline;
    ReplyCallback callback;  // Empty after the deadline; the place in the order stays.
  };

  const absl::Duration stall_limit_;
  std::string bytes_;
  ReplyDecoder decoder_;
  std::deque<Waiting> waiting_;
  Timestamp answered_at_ = Timestamp::Never();  // Or when the oldest of an idle line was asked.
  bool wants_reconnect_ = false;
};

}  // namespace sfu::redis
