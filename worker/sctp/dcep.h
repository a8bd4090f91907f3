#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/types/span.h>

namespace sfu::sctp {

// Payload protocol identifiers (RFC 8831 §8). 52 and 54, deprecated fragments, are refused.
inline constexpr uint32_t kPpidDcep = 50;
inline constexpr uint32_t kPpidString = 51;
inline constexpr uint32_t kPpidBinary = 53;
inline constexpr uint32_t kPpidEmptyString = 56;
inline constexpr uint32_t kPpidEmptyBinary = 57;

// What a channel promises. At most one of the two limits is set; neither means reliable.
struct ChannelParameters {
  std::string label = {};
  std::string protocol = {};
  bool ordered = true;
  std::optional<uint16_t> max_retransmits = std::nullopt;
  std::optional<uint16_t> max_lifetime_ms = std::nullopt;
  uint16_t priority = 256;  // "Normal" (RFC 8831 §6.4). Not acted upon.

  friend bool operator==(const ChannelParameters&, const ChannelParameters&) = default;
};

struct DcepAck {};

// Data Channel Establishment Protocol (RFC 8832 §5).
//
//   | type 0x03     | channel type  |  priority                     |
//   |                  reliability parameter                        |
//   |  label length                 |  protocol length              |
//   |  label, protocol ...
//
// An acknowledgement is the byte 0x02; some stacks (Pion) pad it, so what follows is ignored.
using DcepMessage = std::variant<ChannelParameters, DcepAck>;

// Returns nullopt for anything but these two; an OPEN must have lengths that agree with its size, a
// known channel type, and label and protocol of at most 256 bytes each.
std::optional<DcepMessage> ParseDcep(absl::Span<const uint8_t> bytes);

// Precondition: label and protocol are at most 256 bytes each.
std::vector<uint8_t> BuildDcepOpen(const ChannelParameters& parameters);
std::vector<uint8_t> BuildDcepAck();

}  // namespace sfu::sctp
