#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/types/span.h>

namespace sfu {

// Where unpredictable values come from. Production: SecureRandom (common/runtime); tests:
// SeededRandom (tests/support). Not thread-safe: one per loop.
class Random {
 public:
  virtual ~Random() = default;

  virtual void Fill(absl::Span<uint8_t> bytes) = 0;

  uint32_t NextU32() {
    uint8_t bytes[4];
    Fill(absl::MakeSpan(bytes));
    return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
           static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
  }
  uint64_t NextU64() { return static_cast<uint64_t>(NextU32()) << 32 | NextU32(); }

  // Uniform in [0, bound); bound > 0.
  uint32_t NextBelow(uint32_t bound) {
    const uint32_t limit = UINT32_MAX - UINT32_MAX % bound;
    uint32_t value = NextU32();
    while (value >= limit) {
      value = NextU32();
    }
    return value % bound;
  }

  // `length` characters drawn uniformly from `alphabet`: SIDs, ICE credentials.
  std::string NextText(size_t length, std::string_view alphabet) {
    std::string text(length, '\0');
    for (char& c : text) {
      c = alphabet[NextBelow(static_cast<uint32_t>(alphabet.size()))];
    }
    return text;
  }
};

}  // namespace sfu
