#include "worker/ice/stun_message.h"

#include <algorithm>
#include <functional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/byte_reader.h"
#include "common/base/byte_writer.h"
#include "common/base/check.h"

namespace sfu::ice {
namespace {

// RFC 8489 §18.3, RFC 8445 §16.1; 0xC001 is libwebrtc's.
enum Attribute : uint16_t {
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

constexpr uint16_t kBindingMethod = 0x001;
constexpr size_t kAttributeHeaderBytes = 4;
constexpr size_t kHmacBytes = 20;
constexpr size_t kFingerprintBytes = 4;
constexpr uint32_t kFingerprintXor = 0x5354554E;
constexpr size_t kMaxUsernameBytes = 512;
constexpr uint16_t kFirstOptionalAttribute = 0x8000;
// A check is some 100 bytes and must fit a datagram. The limit lets the HMAC work on a copy on the
// stack.
constexpr size_t kMaxMessageBytes = 2048;

constexpr uint8_t kFamilyIpv4 = 1;
constexpr uint8_t kFamilyIpv6 = 2;

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? 0xEDB88320 ^ value >> 1 : value >> 1;
    }
    table[i] = value;
  }
  return table;
}

// CRC-32 of ITU V.42, as RFC 8489 §14.7 asks. Here rather than from a library because this module
// needs none otherwise and a check is short.
uint32_t Crc32(absl::Span<const uint8_t> bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t byte : bytes) {
    crc = kTable[(crc ^ byte) & 0xFF] ^ crc >> 8;
  }
  return ~crc;
}

using Hmac = std::array<uint8_t, kHmacBytes>;

// Over `covered` with its length field reading `attribute_bytes`: both checksums are computed as if
// the message ended with the checksum itself.
Hmac HmacSha1(absl::Span<const uint8_t> covered, size_t attribute_bytes,
              std::string_view password) {
  SFU_CHECK(covered.size() <= kMaxMessageBytes);
  std::array<uint8_t, kMaxMessageBytes> copy;
  std::copy(covered.begin(), covered.end(), copy.begin());
  copy[2] = static_cast<uint8_t>(attribute_bytes >> 8);
  copy[3] = static_cast<uint8_t>(attribute_bytes);
  Hmac hmac;
  unsigned int length = 0;
  SFU_CHECK(HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), copy.data(),
                 covered.size(), hmac.data(), &length) != nullptr);
  SFU_CHECK(length == kHmacBytes);
  return hmac;
}

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

// The 16 bytes that an IPv6 address is combined with; an IPv4 one takes the first four
// (RFC 8489 §14.2).
std::array<uint8_t, 16> AddressMask(const StunTransactionId& transaction_id) {
  std::array<uint8_t, 16> mask = {0x21, 0x12, 0xA4, 0x42};
  std::copy(transaction_id.begin(), transaction_id.end(), mask.begin() + 4);
  return mask;
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

std::string_view ReasonPhrase(StunError error) {
  switch (error) {
    case StunError::kBadRequest:
      return "Bad Request";
    case StunError::kUnauthenticated:
      return "Unauthorized";
    case StunError::kUnknownAttribute:
      return "Unknown Attribute";
    case StunError::kRoleConflict:
      return "Role Conflict";
  }
  return "";
}

absl::Span<const uint8_t> BytesOf(std::string_view text) {
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

size_t PaddingOf(size_t length) { return (4 - length % 4) % 4; }

// Writes one message. All of ours are far smaller than the memory.
class MessageWriter {
 public:
  MessageWriter(StunClass message_class, const StunTransactionId& transaction_id)
      : writer_(absl::MakeSpan(memory_)) {
    // Class bits are 4 and 8 of the type, between method bits (RFC 8489 §5); method 1 has none of
    // those.
    const auto class_bits = static_cast<uint16_t>(message_class);
    writer_.WriteU16(
        static_cast<uint16_t>(kBindingMethod | (class_bits & 1) << 4 | (class_bits & 2) << 7));
    writer_.WriteU16(0);
    writer_.WriteU32(kStunMagicCookie);
    writer_.WriteBytes(transaction_id);
  }

  // The caller writes `length` bytes next, then calls Pad().
  ByteWriter& Begin(uint16_t type, size_t length) {
    writer_.WriteU16(type);
    writer_.WriteU16(static_cast<uint16_t>(length));
    return writer_;
  }
  void Pad() { writer_.WriteZeros(PaddingOf(writer_.size())); }

  void Add(uint16_t type, absl::Span<const uint8_t> value) {
    Begin(type, value.size()).WriteBytes(value);
    Pad();
  }

  void AddIntegrity(std::string_view password) {
    const size_t attribute_bytes =
        writer_.size() - kStunHeaderBytes + kAttributeHeaderBytes + kHmacBytes;
    Add(kMessageIntegrity, HmacSha1(writer_.written(), attribute_bytes, password));
  }

  StunBytes Finish() {
    const size_t covered = writer_.size();
    writer_.PatchU16(2, static_cast<uint16_t>(covered - kStunHeaderBytes + kAttributeHeaderBytes +
                                              kFingerprintBytes));
    const uint32_t fingerprint = Crc32(writer_.written()) ^ kFingerprintXor;
    Begin(kFingerprint, kFingerprintBytes).WriteU32(fingerprint);
    return StunBytes(writer_.written().begin(), writer_.written().end());
  }

 private:
  std::array<uint8_t, 1024> memory_;
  ByteWriter writer_;
};

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
  const uint32_t expected = Crc32(message_.first(fingerprint_offset_)) ^ kFingerprintXor;
  ByteReader value(message_.subspan(fingerprint_offset_ + kAttributeHeaderBytes));
  return value.ReadU32() == expected;
}

IntegrityResult StunMessageView::CheckIntegrity(std::string_view password) const {
  if (!has_integrity()) {
    return IntegrityResult::kAbsent;
  }
  const size_t attribute_bytes =
      integrity_offset_ - kStunHeaderBytes + kAttributeHeaderBytes + kHmacBytes;
  const Hmac expected = HmacSha1(message_.first(integrity_offset_), attribute_bytes, password);
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

StunBytes BuildBindingRequest(const BindingRequest& request, std::string_view password) {
  SFU_CHECK(request.username.size() <= kMaxUsernameBytes);
  MessageWriter writer(StunClass::kRequest, request.transaction_id);
  writer.Add(kUsername, BytesOf(request.username));
  writer.Begin(kPriority, 4).WriteU32(request.priority);
  if (request.ice_controlling) {
    writer.Begin(kIceControlling, 8).WriteU64(*request.ice_controlling);
  }
  if (request.ice_controlled) {
    writer.Begin(kIceControlled, 8).WriteU64(*request.ice_controlled);
  }
  if (request.use_candidate) {
    writer.Begin(kUseCandidate, 0);
  }
  if (request.nomination) {
    writer.Begin(kNomination, 4).WriteU32(*request.nomination);
  }
  writer.AddIntegrity(password);
  return writer.Finish();
}

StunBytes BuildBindingSuccess(const StunTransactionId& transaction_id, const SocketAddress& mapped,
                              std::string_view password) {
  MessageWriter writer(StunClass::kSuccess, transaction_id);
  const std::array<uint8_t, 16> mask = AddressMask(transaction_id);
  ByteWriter& value = writer.Begin(kXorMappedAddress, 4 + mapped.ip().size());
  if (mapped.is_v4()) {
    value.WriteU16(kFamilyIpv4);
  } else {
    value.WriteU16(kFamilyIpv6);
  }
  value.WriteU16(static_cast<uint16_t>(mapped.port() ^ kStunMagicCookie >> 16));
  for (size_t i = 0; i < mapped.ip().size(); ++i) {
    value.WriteU8(mapped.ip()[i] ^ mask[i]);
  }
  writer.AddIntegrity(password);
  return writer.Finish();
}

StunBytes BuildBindingError(const StunTransactionId& transaction_id, StunError error,
                            std::string_view password, absl::Span<const uint16_t> unknown) {
  MessageWriter writer(StunClass::kError, transaction_id);
  const std::string_view reason = ReasonPhrase(error);
  const auto code = static_cast<uint16_t>(error);
  ByteWriter& value = writer.Begin(kErrorCode, 4 + reason.size());
  value.WriteU16(0);
  value.WriteU8(static_cast<uint8_t>(code / 100));
  value.WriteU8(static_cast<uint8_t>(code % 100));
  value.WriteBytes(BytesOf(reason));
  writer.Pad();
  if (!unknown.empty()) {
    const absl::Span<const uint16_t> listed =
        unknown.subspan(0, StunMessageView::kMaxListedUnknown);
    writer.Begin(kUnknownAttributes, 2 * listed.size());
    for (const uint16_t type : listed) {
      value.WriteU16(type);
    }
    writer.Pad();
  }
  if (!password.empty()) {
    writer.AddIntegrity(password);
  }
  return writer.Finish();
}

}  // namespace sfu::ice
