#pragma once

#include <atomic>
#include <cstdint>

namespace sfu {

// A counter with one writing thread and any number of readers. Add() compiles to a plain add: no
// locked instruction and no cache line shared between media threads.
class Counter {
 public:
  void Add(uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

}  // namespace sfu
