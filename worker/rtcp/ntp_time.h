#pragma once

#include <cstdint>
#include <optional>

#include <absl/time/time.h>

namespace sfu::rtcp {

// NTP timestamps as reports carry them (RFC 3550 §4): seconds since 1900 as UQ32.32, and its middle
// 32 bits, the compact form (UQ16.16), in which LSR, DLSR and the XR equivalents are.
uint64_t ToNtp(absl::Time wall);
absl::Time FromNtp(uint64_t ntp);  // Era 0: until 2036.
constexpr uint32_t CompactNtp(uint64_t ntp) { return static_cast<uint32_t>(ntp >> 16); }

// Durations in compact form; clamped to 0..65,536 s.
uint32_t ToCompactNtp(absl::Duration duration);
absl::Duration FromCompactNtp(uint32_t compact);

// Of a peer that answered our report `last_report` after `delay` (RFC 3550 §6.4.1). nullopt if it
// never saw one (both are 0). At least 1 ms: rounding may make it negative on a fast link.
std::optional<absl::Duration> RoundTripTime(uint32_t now_compact, uint32_t last_report,
                                            uint32_t delay);

}  // namespace sfu::rtcp
