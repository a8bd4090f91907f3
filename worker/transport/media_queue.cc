#include "worker/transport/media_queue.h"

#include <utility>

#include "common/base/check.h"

namespace sfu::transport {

bool MediaQueue::Push(rtp::OutgoingPacket&& packet) {
  if (size_ >= kLimitPackets) {
    return false;
  }
  Level& level = levels_[static_cast<size_t>(packet.priority)];
  if (level.packets.size() == level.packets.capacity() && level.next >= level.packets.size() / 2) {
    // Reuse what has left rather than grow, for a level that a pacer never quite empties.
    level.packets.erase(level.packets.begin(),
                        level.packets.begin() + static_cast<ptrdiff_t>(level.next));
    level.next = 0;
  }
  level.packets.push_back(std::move(packet));
  ++size_;
  return true;
}

rtp::OutgoingPacket& MediaQueue::front() {
  Level& level = FirstLevel();
  return level.packets[level.next];
}

void MediaQueue::Pop() {
  Level& level = FirstLevel();
  level.packets[level.next].source.reset();  // Now, not when the rest of the level has left.
  ++level.next;
  --size_;
  if (level.next < level.packets.size()) {
    return;
  }
  level.next = 0;
  level.packets.clear();
  if (level.packets.capacity() > kRetainedPackets) {
    level.packets = {};
  }
}

void MediaQueue::Clear() {
  for (Level& level : levels_) {
    level = {};
  }
  size_ = 0;
}

MediaQueue::Level& MediaQueue::FirstLevel() {
  for (Level& level : levels_) {
    if (level.next < level.packets.size()) {
      return level;
    }
  }
  SFU_CHECK(false);
  __builtin_unreachable();
}

}  // namespace sfu::transport
