// The writing half of stun_message.h.

#include <array>

#include "common/base/byte_writer.h"
#include "common/base/check.h"
#include "worker/ice/stun_message.h"
#include "worker/ice/stun_wire.h"

namespace sfu::ice {
namespace {

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
    Add(kMessageIntegrity, IntegrityOf(writer_.written(), password));
  }

  StunBytes Finish() {
    const size_t covered = writer_.size();
    writer_.PatchU16(2, static_cast<uint16_t>(covered - kStunHeaderBytes + kAttributeHeaderBytes +
                                              kFingerprintBytes));
    const uint32_t fingerprint = FingerprintOf(writer_.written());
    Begin(kFingerprint, kFingerprintBytes).WriteU32(fingerprint);
    return StunBytes(writer_.written().begin(), writer_.written().end());
  }

 private:
  std::array<uint8_t, 1024> memory_;
  ByteWriter writer_;
};

}  // namespace

StunBytes BuildAddressRequest(const StunTransactionId& transaction_id) {
  return MessageWriter(StunClass::kRequest, transaction_id).Finish();
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
