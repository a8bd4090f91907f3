#include "worker/rtcp/remb.h"

#include "common/base/check.h"
#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

constexpr uint32_t kRembName = 0x52454d42;  // "REMB"
constexpr unsigned kMantissaBits = 18;
constexpr size_t kFixedSize = 16;

}  // namespace

std::optional<RembView> RembView::Parse(const SubPacket& packet) {
  if (packet.type != PacketType::kPayloadFeedback || packet.count != kApplicationFeedbackFormat ||
      packet.body.size() < kFixedSize) {
    return std::nullopt;
  }
  FieldReader reader(packet.body);
  const Ssrc sender(reader.ReadU32());
  reader.Skip(4);
  if (reader.ReadU32() != kRembName) {
    return std::nullopt;
  }
  const size_t ssrc_count = reader.ReadU8();
  const uint32_t rate = reader.ReadU24();
  if (reader.rest().size() < 4 * ssrc_count) {
    return std::nullopt;
  }
  const unsigned exponent = rate >> kMantissaBits;
  const uint64_t mantissa = rate & ((1u << kMantissaBits) - 1);
  const uint64_t bits_per_second = mantissa << exponent;
  if (bits_per_second >> exponent != mantissa) {
    return std::nullopt;
  }
  return RembView(sender, bits_per_second, reader.rest().first(4 * ssrc_count));
}

Ssrc RembView::ssrc(size_t index) const {
  return Ssrc(FieldReader(ssrcs_.subspan(4 * index)).ReadU32());
}

void WriteRemb(ByteWriter& out, Ssrc sender, uint64_t bits_per_second,
               absl::Span<const Ssrc> ssrcs) {
  SFU_CHECK(ssrcs.size() <= kMaxRembSsrcs);
  uint32_t exponent = 0;
  while (bits_per_second >> exponent >= 1u << kMantissaBits) {
    ++exponent;
  }
  WriteCommonHeader(out, PacketType::kPayloadFeedback, kApplicationFeedbackFormat,
                    RembSize(ssrcs.size()) - kCommonHeaderSize);
  out.WriteU32(sender.value());
  out.WriteU32(0);
  out.WriteU32(kRembName);
  out.WriteU8(static_cast<uint8_t>(ssrcs.size()));
  out.WriteU24(exponent << kMantissaBits | static_cast<uint32_t>(bits_per_second >> exponent));
  for (const Ssrc ssrc : ssrcs) {
    out.WriteU32(ssrc.value());
  }
}

}  // namespace sfu::rtcp
