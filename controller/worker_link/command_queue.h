#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

#include "proto/sfu/worker.pb.h"

namespace sfu::workerlink {

// The commands of one link: in the order given, each kept until its result is in, so that a new
// stream can repeat what the broken one may have lost. Repeating is harmless by contract: a command
// states a condition. Pure; not thread-safe.
class CommandQueue {
 public:
  // Commands not answered yet. A room sends a handful at a time: this many mean that the worker
  // has not answered for minutes.
  static constexpr size_t kLimit = 65'536;

  // False when there are too many.
  bool Push(worker::v1::RoomCommand command);

  // The next to be sent on this stream; nullptr when all are. Valid until the next call.
  const worker::v1::RoomCommand* Next();

  // A result has come. Unknown ids are fine.
  void Answered(uint64_t request_id);

  // A new stream: everything unanswered is to be sent again.
  void Rewind() { sent_ = 0; }

  void Clear();

  size_t unanswered() const { return commands_.size(); }

 private:
  std::map<uint64_t, worker::v1::RoomCommand> commands_;  // By order of arrival.
  std::map<uint64_t, uint64_t> order_;                    // Request id -> order.
  uint64_t next_order_ = 1;
  uint64_t sent_ = 0;  // Everything up to this order went out on the present stream.
};

}  // namespace sfu::workerlink
