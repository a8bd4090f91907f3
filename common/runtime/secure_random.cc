#include "common/runtime/secure_random.h"

#include <openssl/rand.h>

#include "common/base/check.h"

namespace sfu {

void SecureRandom::Fill(absl::Span<uint8_t> bytes) {
  // Fails only when the operating system has no entropy to give; nothing safe can follow.
  SFU_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
}

}  // namespace sfu
