#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"

namespace sfu {

// One direction of a lossy link. Deterministic: the same seed and the same calls give the same
// arrivals, so a failing test is replayed by its seed alone.
class SimulatedLink {
 public:
  struct Options {
    uint64_t seed = 1;
    absl::Duration delay = absl::Milliseconds(20);
    absl::Duration jitter = {};  // Added uniformly, so packets may overtake one another.
    double loss = 0.0;           // Probability, 0 to 1.
  };

  explicit SimulatedLink(const Options& options) : options_(options), random_(options.seed) {}

  void Send(Timestamp now, absl::Span<const uint8_t> packet) {
    if (Uniform() < options_.loss) {
      return;
    }
    const Timestamp arrival = now + options_.delay + Uniform() * options_.jitter;
    in_flight_.emplace(arrival, std::vector<uint8_t>(packet.begin(), packet.end()));
  }

  // The earliest arrival, or Never().
  Timestamp NextTimeout() const {
    return in_flight_.empty() ? Timestamp::Never() : in_flight_.begin()->first;
  }

  std::optional<std::vector<uint8_t>> PollArrival(Timestamp now) {
    if (now < NextTimeout()) {
      return std::nullopt;
    }
    std::vector<uint8_t> packet = std::move(in_flight_.begin()->second);
    in_flight_.erase(in_flight_.begin());
    return packet;
  }

 private:
  // Standard distributions differ between library versions; this does not.
  double Uniform() {
    return static_cast<double>(random_() >> 11) / static_cast<double>(1ULL << 53);
  }

  const Options options_;
  std::mt19937_64 random_;
  std::multimap<Timestamp, std::vector<uint8_t>> in_flight_;
};

}  // namespace sfu
