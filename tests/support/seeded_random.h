#pragma once

#include <cstdint>
#include <random>

#include "common/base/random.h"

namespace sfu {

// Reproducible "randomness" for tests: the same seed gives the same bytes everywhere.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}

  void Fill(absl::Span<uint8_t> bytes) override {
    for (uint8_t& byte : bytes) {
      byte = static_cast<uint8_t>(engine_() >> 56);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sfu
