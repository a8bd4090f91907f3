#include "worker/sctp/dcep.h"

#include <algorithm>

#include "common/base/byte_reader.h"
#include "common/base/byte_writer.h"
#include "common/base/check.h"

namespace sfu::sctp {
namespace {

constexpr uint8_t kAck = 0x02;
constexpr uint8_t kOpen = 0x03;
constexpr size_t kOpenHeaderBytes = 12;
constexpr size_t kMaxTextBytes = 256;

constexpr uint8_t kReliable = 0x00;
constexpr uint8_t kLimitedRetransmits = 0x01;
constexpr uint8_t kLimitedLifetime = 0x02;
constexpr uint8_t kUnorderedBit = 0x80;

std::string TextOf(absl::Span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

std::optional<ChannelParameters> ParseOpen(ByteReader reader) {
  const std::optional<uint8_t> type = reader.ReadU8();
  const std::optional<uint16_t> priority = reader.ReadU16();
  const std::optional<uint32_t> reliability = reader.ReadU32();
  const std::optional<uint16_t> label_bytes = reader.ReadU16();
  const std::optional<uint16_t> protocol_bytes = reader.ReadU16();
  if (!protocol_bytes || *label_bytes > kMaxTextBytes || *protocol_bytes > kMaxTextBytes ||
      reader.remaining() != size_t{*label_bytes} + *protocol_bytes) {
    return std::nullopt;
  }
  ChannelParameters parameters;
  parameters.label = TextOf(*reader.ReadBytes(*label_bytes));
  parameters.protocol = TextOf(reader.rest());
  parameters.priority = *priority;
  parameters.ordered = (*type & kUnorderedBit) == 0;
  const auto limit = static_cast<uint16_t>(std::min<uint32_t>(*reliability, UINT16_MAX));
  switch (*type & ~kUnorderedBit) {
    case kReliable:
      return parameters;
    case kLimitedRetransmits:
      parameters.max_retransmits = limit;
      return parameters;
    case kLimitedLifetime:
      parameters.max_lifetime_ms = limit;
      return parameters;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<DcepMessage> ParseDcep(absl::Span<const uint8_t> bytes) {
  ByteReader reader(bytes);
  const std::optional<uint8_t> type = reader.ReadU8();
  if (type == kAck) {
    return DcepAck{};
  }
  if (type != kOpen) {
    return std::nullopt;
  }
  std::optional<ChannelParameters> parameters = ParseOpen(reader);
  if (!parameters) {
    return std::nullopt;
  }
  return *std::move(parameters);
}

std::vector<uint8_t> BuildDcepOpen(const ChannelParameters& parameters) {
  SFU_CHECK(parameters.label.size() <= kMaxTextBytes);
  SFU_CHECK(parameters.protocol.size() <= kMaxTextBytes);
  uint8_t type = kReliable;
  uint32_t reliability = 0;
  if (parameters.max_retransmits) {
    type = kLimitedRetransmits;
    reliability = *parameters.max_retransmits;
  } else if (parameters.max_lifetime_ms) {
    type = kLimitedLifetime;
    reliability = *parameters.max_lifetime_ms;
  }
  std::vector<uint8_t> bytes(kOpenHeaderBytes + parameters.label.size() +
                             parameters.protocol.size());
  ByteWriter writer(absl::MakeSpan(bytes));
  writer.WriteU8(kOpen);
  writer.WriteU8(parameters.ordered ? type : type | kUnorderedBit);
  writer.WriteU16(parameters.priority);
  writer.WriteU32(reliability);
  writer.WriteU16(static_cast<uint16_t>(parameters.label.size()));
  writer.WriteU16(static_cast<uint16_t>(parameters.protocol.size()));
  std::copy(parameters.protocol.begin(), parameters.protocol.end(),
            std::copy(parameters.label.begin(), parameters.label.end(),
                      bytes.begin() + kOpenHeaderBytes));
  return bytes;
}

std::vector<uint8_t> BuildDcepAck() { return {kAck}; }

}  // namespace sfu::sctp
