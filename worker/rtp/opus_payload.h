#pragma once

#include <cstdint>

#include <absl/types/span.h>

namespace sfu::rtp {

// Whether an Opus packet is one that discontinuous transmission leaves: a table-of-contents byte
// and at most one more (RFC 6716 §3.1, [DTX-1]). Only the size is looked at, so it holds for
// encrypted frames only as far as their trailer is absent.
inline bool IsOpusDtx(absl::Span<const uint8_t> payload) {
  return !payload.empty() && payload.size() <= 2;
}

}  // namespace sfu::rtp
