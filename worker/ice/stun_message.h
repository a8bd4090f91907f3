#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <absl/container/inlined_vector.h>
#include <absl/types/span.h>

#include "common/net/socket_address.h"

namespace sfu::ice {

inline constexpr size_t kStunHeaderBytes = 20;
inline constexpr uint32_t kStunMagicCookie = 0x2112A442;

using StunTransactionId = std::array<uint8_t, 12>;

// A built message. Every answer we give fits the inline part, so answering allocates nothing.
using StunBytes = absl::InlinedVector<uint8_t, 128>;

enum class StunClass : uint8_t { kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3 };

// Checked against the shared secret (RFC 8489 §14.5).
enum class IntegrityResult { kAbsent, kWrong, kCorrect };

// A STUN message (RFC 8489 §5) and the attributes that ICE uses (RFC 8445 §16.1), borrowed.
//
//    0                   1                   2                   3
//   |0 0| class and method (14 bits)|  length of the attributes      |
//   |                 magic cookie 0x2112A442                        |
//   |                 transaction id (96 bits)                       |
//   |  attribute type               |  length without padding        |
//   |  value, padded to a multiple of 4 ...
//
// Of a repeated attribute the first counts. What follows MESSAGE-INTEGRITY is ignored, save for
// FINGERPRINT (RFC 8489 §14.5).
class StunMessageView {
 public:
  // More unknown attributes than this are not listed in a 420 answer.
  static constexpr size_t kMaxListedUnknown = 8;
  using UnknownAttributes = absl::InlinedVector<uint16_t, kMaxListedUnknown>;

  // Returns nullopt unless header, cookie and every length agree with `message.size()`, and the
  // attributes below have the size their definition gives. After that no accessor can fail. The
  // view lives as long as the bytes it was parsed from.
  static std::optional<StunMessageView> Parse(absl::Span<const uint8_t> message);

  StunClass message_class() const { return class_; }
  bool is_binding() const { return method_ == 0x001; }
  const StunTransactionId& transaction_id() const { return transaction_id_; }
  size_t size() const { return message_.size(); }

  std::optional<std::string_view> username() const { return username_; }
  std::optional<uint32_t> priority() const { return priority_; }
  bool use_candidate() const { return use_candidate_; }
  std::optional<uint64_t> ice_controlling() const { return ice_controlling_; }
  std::optional<uint64_t> ice_controlled() const { return ice_controlled_; }
  // libwebrtc's renomination counter (attribute 0xC001).
  std::optional<uint32_t> nomination() const { return nomination_; }
  std::optional<SocketAddress> xor_mapped_address() const { return xor_mapped_address_; }
  // For an error response: 300 to 699.
  std::optional<int> error_code() const { return error_code_; }
  // The comprehension-required ones (below 0x8000) that we do not understand.
  const UnknownAttributes& unknown_required() const { return unknown_required_; }

  bool has_fingerprint() const { return fingerprint_offset_ != 0; }
  bool has_integrity() const { return integrity_offset_ != 0; }

  // CRC-32 over everything before FINGERPRINT, which must be last (RFC 8489 §14.7).
  bool FingerprintIsCorrect() const;
  // HMAC-SHA1 keyed with the password; compares in constant time.
  IntegrityResult CheckIntegrity(std::string_view password) const;

 private:
  StunMessageView() = default;

  bool ParseAttributes();
  bool ParseAttribute(uint16_t type, absl::Span<const uint8_t> value);

  absl::Span<const uint8_t> message_;
  StunClass class_ = StunClass::kRequest;
  uint16_t method_ = 0;
  StunTransactionId transaction_id_{};
  std::optional<std::string_view> username_;
  std::optional<uint32_t> priority_;
  bool use_candidate_ = false;
  std::optional<uint64_t> ice_controlling_;
  std::optional<uint64_t> ice_controlled_;
  std::optional<uint32_t> nomination_;
  std::optional<SocketAddress> xor_mapped_address_;
  std::optional<int> error_code_;
  UnknownAttributes unknown_required_;
  size_t fingerprint_offset_ = 0;  // Of the attribute's header; 0 when absent.
  size_t integrity_offset_ = 0;
};

// The two ends a USERNAME names, from the receiver's point of view (RFC 8445 §7.2.2).
struct SplitUsernameParts {
  std::string_view local;   // The receiver's ufrag: ours, in a request that we receive.
  std::string_view remote;  // The sender's.
};
// Split at the first ':' ([MUX-2]); nullopt without one.
std::optional<SplitUsernameParts> SplitUsername(std::string_view username);

// What a routing layer needs of a first datagram from an unknown address: our ufrag in it, or
// nullopt if it is not a Binding request with a USERNAME. No HMAC, no CRC.
std::optional<std::string_view> LocalUfragOf(absl::Span<const uint8_t> datagram);

// What a controlling agent asks. We never send one; virtual clients do.
struct BindingRequest {
  StunTransactionId transaction_id{};
  std::string_view username;  // "<receiver's ufrag>:<sender's ufrag>", at most 512 bytes.
  uint32_t priority = 0;
  std::optional<uint64_t> ice_controlling = std::nullopt;
  std::optional<uint64_t> ice_controlled = std::nullopt;
  bool use_candidate = false;
  std::optional<uint32_t> nomination = std::nullopt;
};
// `password` is the receiver's.
StunBytes BuildBindingRequest(const BindingRequest& request, std::string_view password);

// The answer to a check that was accepted ([ICE-3]).
StunBytes BuildBindingSuccess(const StunTransactionId& transaction_id, const SocketAddress& mapped,
                              std::string_view password);

enum class StunError : uint16_t {
  kBadRequest = 400,
  kUnauthenticated = 401,
  kUnknownAttribute = 420,
  kRoleConflict = 487,
};

// An error answer. With an empty password it carries no MESSAGE-INTEGRITY, as befits 400 and 401:
// whoever asked has not shown to know ours (RFC 8489 §9.1.3). `unknown` is for 420 only.
StunBytes BuildBindingError(const StunTransactionId& transaction_id, StunError error,
                            std::string_view password, absl::Span<const uint16_t> unknown = {});

}  // namespace sfu::ice
