#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <absl/types/span.h>

#include "common/metrics/counter.h"

namespace sfu {

// How many observations fell at or below each of fixed, ascending bounds. As a Counter: one writing
// thread, any number of readers, no locked instruction. A reader may see an observation's bucket
// before its share of the sum.
class Histogram {
 public:
  // `bounds` outlive the histogram: they are a constant of the module that counts.
  explicit Histogram(absl::Span<const double> bounds)
      : bounds_(bounds), buckets_(std::make_unique<Counter[]>(bounds.size() + 1)) {}

  // A value on a bound belongs to it. What is no number is left out: it has no bucket.
  void Observe(double value) {
    if (value != value) {
      return;
    }
    const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
    buckets_[static_cast<size_t>(bound - bounds_.begin())].Add();
    sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }

  absl::Span<const double> bounds() const { return bounds_; }
  // Not cumulative; i == bounds().size() are those above all bounds.
  uint64_t bucket(size_t i) const { return buckets_[i].value(); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  absl::Span<const double> bounds_;
  std::unique_ptr<Counter[]> buckets_;
  std::atomic<double> sum_ = 0;
};

}  // namespace sfu
