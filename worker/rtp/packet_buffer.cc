#include "worker/rtp/packet_buffer.h"

#include <algorithm>

#include "common/base/check.h"

namespace sfu::rtp {

void PacketRef::set_size(size_t size) {
  SFU_CHECK(size <= PacketBuffer::kMemorySize - buffer_->begin);
  buffer_->size = static_cast<uint16_t>(size);
}

void PacketRef::RemoveFront(size_t count) {
  SFU_CHECK(count <= buffer_->size);
  buffer_->begin = static_cast<uint16_t>(buffer_->begin + count);
  buffer_->size = static_cast<uint16_t>(buffer_->size - count);
}

void PacketRef::ExtendFront(size_t count) {
  SFU_CHECK(count <= buffer_->begin);
  buffer_->begin = static_cast<uint16_t>(buffer_->begin - count);
  buffer_->size = static_cast<uint16_t>(buffer_->size + count);
}

PacketPool::PacketPool(size_t limit_packets, size_t slab_packets)
    : limit_packets_(limit_packets), slab_packets_(slab_packets) {
  SFU_CHECK(slab_packets > 0);
}

PacketPool::~PacketPool() { SFU_CHECK(in_use_ == 0); }

PacketRef PacketPool::Allocate() {
  if (free_ == nullptr && !Grow()) {
    ++exhaustions_;
    return PacketRef();
  }
  PacketBuffer* const buffer = free_;
  free_ = buffer->next_free;
  buffer->references = 1;
  buffer->begin = PacketBuffer::kHeadroom;
  buffer->size = 0;
  ++in_use_;
  return PacketRef(buffer);
}

PacketRef PacketPool::Copy(absl::Span<const uint8_t> bytes) {
  SFU_CHECK(bytes.size() <= PacketRef::kCapacity);
  PacketRef packet = Allocate();
  if (packet) {
    std::copy(bytes.begin(), bytes.end(), packet.memory().begin());
    packet.set_size(bytes.size());
  }
  return packet;
}

bool PacketPool::Grow() {
  if (allocated() >= limit_packets_) {
    return false;
  }
  // Not value-initialised: clearing half a megabyte would stall the thread for nothing.
  slabs_.push_back(std::unique_ptr<PacketBuffer[]>(new PacketBuffer[slab_packets_]));
  PacketBuffer* const slab = slabs_.back().get();
  for (size_t i = slab_packets_; i > 0; --i) {
    slab[i - 1].pool = this;
    slab[i - 1].next_free = free_;
    free_ = &slab[i - 1];
  }
  return true;
}

}  // namespace sfu::rtp
