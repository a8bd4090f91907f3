#include "worker/receive/packet_history.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace sfu::receive {

PacketHistory::PacketHistory(const Options& options)
    : options_(options), slots_(options.min_packets) {
  SFU_CHECK((options.min_packets & (options.min_packets - 1)) == 0);
  SFU_CHECK((options.max_packets & (options.max_packets - 1)) == 0);
  SFU_CHECK(options.min_packets > 0 && options.min_packets <= options.max_packets);
}

const rtp::MediaPacket* PacketHistory::Insert(Timestamp now, rtp::MediaPacket&& packet) {
  const int64_t sequence = packet.sequence;
  if (empty()) {
    newest_ = sequence;
    oldest_ = sequence;
  } else if (sequence > newest_) {
    AdvanceTo(now, sequence);
  } else if (sequence <= newest_ - static_cast<int64_t>(capacity())) {
    return nullptr;
  }
  oldest_ = std::min(oldest_, sequence);
  rtp::MediaPacket& slot = slots_[Index(sequence)];
  if (!slot.packet) {
    ++size_;
  }
  slot = std::move(packet);
  return &slot;
}

void PacketHistory::Clear() {
  for (rtp::MediaPacket& slot : slots_) {
    slot.packet.reset();
  }
  size_ = 0;
}

void PacketHistory::AdvanceTo(Timestamp now, int64_t sequence) {
  EvictOlderThan(now + -options_.age);
  // Whatever is still there is worth keeping: make room for it if that is allowed.
  while (size_ > 0 && sequence - oldest_ >= static_cast<int64_t>(capacity()) &&
         capacity() < options_.max_packets) {
    Grow();
  }
  const size_t before = size_;
  EvictBefore(sequence - static_cast<int64_t>(capacity()) + 1);
  while (size_ > 0 && (size_ + 1) * sizeof(rtp::PacketBuffer) > options_.max_bytes) {
    EvictBefore(oldest_ + 1);
  }
  evicted_early_ += before - size_;
  if (size_ == 0) {
    oldest_ = sequence;
  }
  newest_ = sequence;
}

void PacketHistory::EvictBefore(int64_t sequence) {
  while (size_ > 0 && oldest_ < sequence) {
    rtp::MediaPacket& slot = slots_[Index(oldest_)];
    if (slot.packet && slot.sequence == oldest_) {
      slot.packet.reset();
      --size_;
    }
    ++oldest_;
  }
}

void PacketHistory::EvictOlderThan(Timestamp instant) {
  while (size_ > 0) {
    const rtp::MediaPacket* const oldest = Find(oldest_);
    if (oldest != nullptr && oldest->arrival >= instant) {
      return;
    }
    EvictBefore(oldest_ + 1);
  }
}

void PacketHistory::Grow() {
  std::vector<rtp::MediaPacket> former(capacity() * 2);
  former.swap(slots_);
  for (rtp::MediaPacket& slot : former) {
    if (slot.packet) {
      const size_t index = Index(slot.sequence);
      slots_[index] = std::move(slot);
    }
  }
}

}  // namespace sfu::receive
