#pragma once

// Shared by the reading and the writing half of the STUN codec, and by what asks servers; not for
// others.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <absl/types/span.h>

#include "worker/ice/stun_message.h"

namespace sfu::ice {

// RFC 8489 §18.3, RFC 8445 §16.1; 0xC001 is libwebrtc's.
enum StunAttribute : uint16_t {
  kMappedAddress = 0x0001,
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000A,
  kRealm = 0x0014,
  kNonce = 0x0015,
  kMessageIntegritySha256 = 0x001C,
  kPasswordAlgorithm = 0x001D,
  kUserHash = 0x001E,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802A,
  kNomination = 0xC001,
};

inline constexpr uint16_t kBindingMethod = 0x001;
inline constexpr size_t kAttributeHeaderBytes = 4;
inline constexpr size_t kHmacBytes = 20;
inline constexpr size_t kFingerprintBytes = 4;
inline constexpr size_t kMaxUsernameBytes = 512;
inline constexpr uint16_t kFirstOptionalAttribute = 0x8000;
// A check is some 100 bytes and must fit a datagram. The limit lets the HMAC work on a copy on the
// stack.
inline constexpr size_t kMaxMessageBytes = 2048;

inline constexpr uint8_t kFamilyIpv4 = 1;
inline constexpr uint8_t kFamilyIpv6 = 2;

inline size_t PaddingOf(size_t length) { return (4 - length % 4) % 4; }

// The 16 bytes that an IPv6 address is combined with; an IPv4 one takes the first four
// (RFC 8489 §14.2).
std::array<uint8_t, 16> AddressMask(const StunTransactionId& transaction_id);

// The value of FINGERPRINT for what comes before it (RFC 8489 §14.7).
uint32_t FingerprintOf(absl::Span<const uint8_t> covered);

using Hmac = std::array<uint8_t, kHmacBytes>;

// The value of MESSAGE-INTEGRITY for what comes before it, at most kMaxMessageBytes, as if the
// message ended with that attribute (RFC 8489 §14.5).
Hmac IntegrityOf(absl::Span<const uint8_t> covered, std::string_view password);

// Asks a STUN server for the address it sees us at (RFC 8489 §6.1): no attributes but FINGERPRINT.
StunBytes BuildAddressRequest(const StunTransactionId& transaction_id);

}  // namespace sfu::ice
