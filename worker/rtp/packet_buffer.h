#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <absl/types/span.h>

namespace sfu::rtp {

class PacketPool;
class PacketRef;

// One pooled buffer; only PacketPool and PacketRef touch it. The bookkeeping in front makes the
// stride 2,112 bytes: a stride of exactly 2,048 would put all headers into the same cache sets.
struct alignas(64) PacketBuffer {
  static constexpr size_t kMemorySize = 2048;
  // Room in front of the packet, so that a header or length prefix can be added without a move.
  static constexpr size_t kHeadroom = 64;

  PacketPool* pool = nullptr;
  PacketBuffer* next_free = nullptr;
  uint32_t references = 0;
  uint16_t begin = kHeadroom;
  uint16_t size = 0;
  uint8_t bytes[kMemorySize];
};

// A counted reference to a pooled packet, or empty. Copying costs an increment; the last reference
// gives the buffer back. The count is not atomic: a buffer never leaves its pool's thread.
//
// Whoever writes must hold the only reference: a received packet is changed in place (SRTP, RTX)
// before it is shared, and read-only from then on.
class PacketRef {
 public:
  // How large a packet may be when it is received or built, with all its headroom untouched.
  static constexpr size_t kCapacity = PacketBuffer::kMemorySize - PacketBuffer::kHeadroom;

  PacketRef() = default;
  PacketRef(const PacketRef& other) : buffer_(other.buffer_) {
    if (buffer_ != nullptr) {
      ++buffer_->references;
    }
  }
  PacketRef(PacketRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  PacketRef& operator=(PacketRef other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~PacketRef() { reset(); }

  explicit operator bool() const { return buffer_ != nullptr; }
  void reset();

  // Everything below requires a non-empty reference.

  // From the first byte of the packet to the end of the buffer: what a receive call may fill.
  absl::Span<uint8_t> memory() {
    return absl::MakeSpan(buffer_->bytes + buffer_->begin,
                          PacketBuffer::kMemorySize - buffer_->begin);
  }
  absl::Span<const uint8_t> bytes() const {
    return absl::MakeConstSpan(buffer_->bytes + buffer_->begin, buffer_->size);
  }
  absl::Span<uint8_t> mutable_bytes() {
    return absl::MakeSpan(buffer_->bytes + buffer_->begin, buffer_->size);
  }
  size_t size() const { return buffer_->size; }

  void set_size(size_t size);      // At most memory().size().
  void RemoveFront(size_t count);  // Drops bytes at the front; they become headroom.
  void ExtendFront(size_t count);  // Takes bytes from the headroom, uninitialised.
  size_t headroom() const { return buffer_->begin; }

  bool unique() const { return buffer_->references == 1; }

 private:
  friend class PacketPool;
  explicit PacketRef(PacketBuffer* buffer) : buffer_(buffer) {}

  PacketBuffer* buffer_ = nullptr;
};

// The packets of one media thread. Grows by whole slabs up to a stated limit and keeps what it has,
// so that in steady state taking a packet is popping a list. Not thread-safe.
//
// Must outlive every PacketRef it gave out; destroying it earlier is a bug and is checked.
class PacketPool {
 public:
  static constexpr size_t kDefaultSlabPackets = 256;  // 0.5 MiB: rare enough not to be noticed.

  // `limit_packets` is rounded up to whole slabs.
  explicit PacketPool(size_t limit_packets, size_t slab_packets = kDefaultSlabPackets);
  ~PacketPool();
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  // An empty packet of size 0 with full headroom; an empty reference (and one more exhaustion) when
  // the limit is reached. The memory is not cleared.
  PacketRef Allocate();

  // As Allocate(), filled with `bytes`, which must not exceed PacketRef::kCapacity.
  PacketRef Copy(absl::Span<const uint8_t> bytes);

  size_t in_use() const { return in_use_; }
  size_t allocated() const { return slabs_.size() * slab_packets_; }  // Ever taken from the heap.
  uint64_t exhaustions() const { return exhaustions_; }

 private:
  friend class PacketRef;

  bool Grow();
  void Release(PacketBuffer* buffer);

  const size_t limit_packets_;
  const size_t slab_packets_;
  std::vector<std::unique_ptr<PacketBuffer[]>> slabs_;
  PacketBuffer* free_ = nullptr;
  size_t in_use_ = 0;
  uint64_t exhaustions_ = 0;
};

inline void PacketRef::reset() {
  PacketBuffer* const buffer = std::exchange(buffer_, nullptr);
  if (buffer != nullptr && --buffer->references == 0) {
    buffer->pool->Release(buffer);
  }
}

inline void PacketPool::Release(PacketBuffer* buffer) {
  buffer->next_free = free_;
  free_ = buffer;
  --in_use_;
}

}  // namespace sfu::rtp
