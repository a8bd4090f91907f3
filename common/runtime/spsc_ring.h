#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sfu {

// A bounded queue between exactly two threads, without locks: one only pushes, the other only pops.
// Elements are filled and read where they lie. Memory is taken at the first push, so that a ring
// which is never used costs nothing.
template <typename Element>
class SpscRing {
 public:
  // `capacity` must be a power of two.
  explicit SpscRing(size_t capacity) : capacity_(capacity) {}
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  // The pushing thread. Calls `fill(element)` and returns true, or false if the ring is full.
  template <typename Fill>
  [[nodiscard]] bool Push(Fill fill) {
    const uint64_t pushed = pushed_.load(std::memory_order_relaxed);
    if (pushed - popped_.load(std::memory_order_acquire) == capacity_) {
      return false;
    }
    if (elements_ == nullptr) {
      elements_ = std::make_unique_for_overwrite<Element[]>(capacity_);
    }
    fill(elements_[pushed & (capacity_ - 1)]);
    pushed_.store(pushed + 1, std::memory_order_release);  // Publishes `elements_` as well.
    return true;
  }

  // The popping thread. Calls `take(element)` for each element that was there at the call. Returns
  // how many.
  template <typename Take>
  size_t PopAll(Take take) {
    const uint64_t first = popped_.load(std::memory_order_relaxed);
    const uint64_t end = pushed_.load(std::memory_order_acquire);
    for (uint64_t next = first; next != end; ++next) {
      take(elements_[next & (capacity_ - 1)]);
      popped_.store(next + 1, std::memory_order_release);
    }
    return static_cast<size_t>(end - first);
  }

 private:
  const size_t capacity_;
  std::unique_ptr<Element[]> elements_;
  // Each written by one thread; on lines of their own, or the threads would slow each other down.
  alignas(64) std::atomic<uint64_t> pushed_ = 0;
  alignas(64) std::atomic<uint64_t> popped_ = 0;
};

}  // namespace sfu
