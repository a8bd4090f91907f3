#include "controller/worker_link/command_queue.h"

#include <utility>

namespace sfu::workerlink {

bool CommandQueue::Push(worker::v1::RoomCommand command) {
  if (commands_.size() >= kLimit) {
    return false;
  }
  order_[command.request_id()] = next_order_;
  commands_.emplace_hint(commands_.end(), next_order_, std::move(command));
  ++next_order_;
  return true;
}

const worker::v1::RoomCommand* CommandQueue::Next() {
  const auto next = commands_.upper_bound(sent_);
  if (next == commands_.end()) {
    return nullptr;
  }
  sent_ = next->first;
  return &next->second;
}

void CommandQueue::Answered(uint64_t request_id) {
  const auto found = order_.find(request_id);
  if (found == order_.end()) {
    return;
  }
  commands_.erase(found->second);
  order_.erase(found);
}

void CommandQueue::Clear() {
  commands_.clear();
  order_.clear();
}

}  // namespace sfu::workerlink
