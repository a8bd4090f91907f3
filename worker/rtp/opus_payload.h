#pragma once

#include <cstdint>

#include <absl/types/span.h>

namespace sfu::rtp {

// Whether an Opus packet is what discontinuous transmission leaves of one: a table-of-contents byte
// and at most one more (RFC 6716 §3.1, [DTX-1]). Nothing but the size is read, so that it can be
// asked of an encrypted frame too, though that one's trailer makes the answer no.
inline bool IsOpusDtx(absl::Span<const uint8_t> payload) {
  return !payload.empty() && payload.size() <= 2;
}

}  // namespace sfu::rtp
