#include "worker/ice/stun_message.h"

#include <algorithm>
#include <functional>

#include <openssl/crypto.h>

#include "common/base/byte_reader.h"
#include "worker/ice/stun_wire.h"

namespace sfu::ice {
namespace {

bool IsUnderstood(uint16_t type) {
  switch (type) {
    case kMappedAddress:
    case kUsername:
    case kMessageIntegrity:
    case kErrorCode:
    case kUnknownAttributes:
    case kRealm:
    case kNonce:
    case kMessageIntegritySha256:
    case kPasswordAlgorithm:
    case kUserHash:
    case kXorMappedAddress:
    case kPriority:
    case kUseCandidate:
      return true;
    default:
      return false;
  }
}

std::optional<SocketAddress> ParseXorAddress(absl::Span<const uint8_t> value,
                                             const StunTransactionId& transaction_id) {
  if (value.size() < 4) {
    return std::nullopt;
  }
  const uint8_t family = value[1];
  const uint32_t masked_port = uint32_t{value[2]} << 8 | value[3];
  const auto port = static_cast<uint16_t>(masked_port ^ kStunMagicCookie >> 16);
  const absl::Span<const uint8_t> ip = value.subspan(4);
  const std::array<uint8_t, 16> mask = AddressMask(transaction_id);
  if (family == kFamilyIpv4 && ip.size() == 4) {
    std::array<uint8_t, 4> octets;
    std::transform(ip.begin(), ip.end(), mask.begin(), octets.begin(), std::bit_xor<uint8_t>());
    return SocketAddress::V4(octets, port);
  }
  if (family == kFamilyIpv6 && ip.size() == 16) {
    std::array<uint8_t, 16> octets;
    std::transform(ip.begin(), ip.end(), mask.begin(), octets.begin(), std::bit_xor<uint8_t>());
    return SocketAddress::V6(octets, port);
  }
  return std::nullopt;
}

std::optional<int> ParseErrorCode(absl::Span<const uint8_t> value) {
  if (value.size() < 4) {
    return std::nullopt;
  }
  const int hundreds = value[2] & 0x7;
  const int units = value[3];
  if (hundreds < 3 || hundreds > 6 || units > 99) {
    return std::nullopt;
  }
  return hundreds * 100 + units;
}

}  // namespace

std::optional<StunMessageView> StunMessageView::Parse(absl::Span<const uint8_t> message) {
  if (message.size() > kMaxMessageBytes) {
    return std::nullopt;
  }
  ByteReader reader(message);
  const std::optional<uint16_t> type = reader.ReadU16();
  const std::optional<uint16_t> length = reader.ReadU16();
  const std::optional<uint32_t> cookie = reader.ReadU32();
  const std::optional<absl::Span<const uint8_t>> transaction_id = reader.ReadBytes(12);
  if (!transaction_id || (*type & 0xC000) != 0 || *cookie != kStunMagicCookie || *length % 4 != 0 ||
      *length != reader.remaining()) {
    return std::nullopt;
  }
  StunMessageView view;
  view.message_ = message;
  view.class_ = static_cast<StunClass>((*type >> 4 & 1) | (*type >> 7 & 2));
  view.method_ = static_cast<uint16_t>((*type & 0xF) | (*type >> 1 & 0x70) | (*type >> 2 & 0xF80));
  std::copy(transaction_id->begin(), transaction_id->end(), view.transaction_id_.begin());
  if (!view.ParseAttributes()) {
    return std::nullopt;
  }
  return view;
}

bool StunMessageView::ParseAttributes() {
  ByteReader reader(message_.subspan(kStunHeaderBytes));
  while (reader.remaining() > 0) {
    if (has_fingerprint()) {
      return false;  // It must be last (RFC 8489 §14.7).
    }
    const size_t attribute_offset = kStunHeaderBytes + reader.offset();
    const std::optional<uint16_t> type = reader.ReadU16();
    const std::optional<uint16_t> length = reader.ReadU16();
    if (!length) {
      return false;
    }
    const std::optional<absl::Span<const uint8_t>> value = reader.ReadBytes(*length);
    if (!value || !reader.Skip(PaddingOf(*length))) {
      return false;
    }
    if (*type == kFingerprint) {
      if (value->size() != kFingerprintBytes) {
        return false;
      }
      fingerprint_offset_ = attribute_offset;
    } else if (has_integrity()) {
      continue;
    } else if (*type == kMessageIntegrity) {
      if (value->size() != kHmacBytes) {
        return false;
      }
      integrity_offset_ = attribute_offset;
    } else if (!ParseAttribute(*type, *value)) {
      return false;
    }
  }
  return true;
}

bool StunMessageView::ParseAttribute(uint16_t type, absl::Span<const uint8_t> value) {
  ByteReader reader(value);
  switch (type) {
    case kUsername:
      if (value.size() > kMaxUsernameBytes) {
        return false;
      }
      if (!username_) {
        username_.emplace(reinterpret_cast<const char*>(value.data()), value.size());
      }
      return true;
    case kPriority:
      if (value.size() != 4) {
        return false;
      }
      priority_ = priority_ ? priority_ : reader.ReadU32();
      return true;
    case kUseCandidate:
      use_candidate_ = true;
      return value.empty();
    case kIceControlling:
      if (value.size() != 8) {
        return false;
      }
      ice_controlling_ = ice_controlling_ ? ice_controlling_ : reader.ReadU64();
      return true;
    case kIceControlled:
      if (value.size() != 8) {
        return false;
      }
      ice_controlled_ = ice_controlled_ ? ice_controlled_ : reader.ReadU64();
      return true;
    case kNomination:
      // Not a standard: whatever else claims this number must not cost the check.
      if (value.size() == 4 && !nomination_) {
        nomination_ = reader.ReadU32();
      }
      return true;
    case kXorMappedAddress:
      xor_mapped_address_ = ParseXorAddress(value, transaction_id_);
      return xor_mapped_address_.has_value();
    case kErrorCode:
      error_code_ = ParseErrorCode(value);
      return error_code_.has_value();
    default:
      if (type < kFirstOptionalAttribute && !IsUnderstood(type) &&
          unknown_required_.size() < kMaxListedUnknown) {
        unknown_required_.push_back(type);
      }
      return true;
  }
}

bool StunMessageView::FingerprintIsCorrect() const {
  if (!has_fingerprint()) {
    return false;
  }
  // Nothing follows FINGERPRINT, so the length field already reads as it must.
  const uint32_t expected = FingerprintOf(message_.first(fingerprint_offset_));
  ByteReader value(message_.subspan(fingerprint_offset_ + kAttributeHeaderBytes));
  return value.ReadU32() == expected;
}

IntegrityResult StunMessageView::CheckIntegrity(std::string_view password) const {
  if (!has_integrity()) {
    return IntegrityResult::kAbsent;
  }
  const Hmac expected = IntegrityOf(message_.first(integrity_offset_), password);
  const absl::Span<const uint8_t> received =
      message_.subspan(integrity_offset_ + kAttributeHeaderBytes, kHmacBytes);
  return CRYPTO_memcmp(expected.data(), received.data(), kHmacBytes) == 0
             ? IntegrityResult::kCorrect
             : IntegrityResult::kWrong;
}

std::optional<SplitUsernameParts> SplitUsername(std::string_view username) {
  const size_t colon = username.find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  return SplitUsernameParts{.local = username.substr(0, colon),
                            .remote = username.substr(colon + 1)};
}

std::optional<std::string_view> LocalUfragOf(absl::Span<const uint8_t> datagram) {
  const std::optional<StunMessageView> message = StunMessageView::Parse(datagram);
  if (!message || message->message_class() != StunClass::kRequest || !message->is_binding() ||
      !message->username()) {
    return std::nullopt;
  }
  const std::optional<SplitUsernameParts> parts = SplitUsername(*message->username());
  if (!parts) {
    return std::nullopt;
  }
  return parts->local;
}

}  // namespace sfu::ice
