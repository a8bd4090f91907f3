#pragma once

#include "common/base/random.h"

namespace sfu {

// Unpredictable bytes from OpenSSL's generator. Thread-safe, and cheap to have many of.
class SecureRandom : public Random {
 public:
  void Fill(absl::Span<uint8_t> bytes) override;
};

}  // namespace sfu
