#include "worker/rtcp/extended_report.h"

#include "common/base/byte_reader.h"
#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

constexpr uint8_t kReceiverReferenceBlock = 4;
constexpr uint8_t kReceiverDelaysBlock = 5;

void WriteBlockHeader(ByteWriter& out, uint8_t type, size_t content_size) {
  out.WriteU8(type);
  out.WriteU8(0);
  out.WriteU16(static_cast<uint16_t>(content_size / 4));
}

}  // namespace

std::optional<ExtendedReportView> ExtendedReportView::Parse(const SubPacket& packet) {
  ByteReader reader(packet.body);
  const std::optional<uint32_t> sender = reader.ReadU32();
  if (!sender) {
    return std::nullopt;
  }
  ExtendedReportView view{Ssrc(*sender)};
  while (reader.remaining() > 0) {
    const std::optional<uint16_t> type = reader.ReadU16();
    const std::optional<uint16_t> words = reader.ReadU16();
    if (!type || !words) {
      return std::nullopt;
    }
    const std::optional<absl::Span<const uint8_t>> content = reader.ReadBytes(size_t{*words} * 4);
    if (!content) {
      return std::nullopt;
    }
    const auto block_type = static_cast<uint8_t>(*type >> 8);
    if (block_type == kReceiverReferenceBlock) {
      view.receiver_reference_ntp_ = ByteReader(*content).ReadU64();
      if (!view.receiver_reference_ntp_) {
        return std::nullopt;
      }
    } else if (block_type == kReceiverDelaysBlock && view.delays_.empty()) {
      if (content->size() % kDelaySize != 0) {
        return std::nullopt;
      }
      view.delays_ = *content;
    }
  }
  return view;
}

ReceiverDelay ExtendedReportView::delay(size_t index) const {
  FieldReader reader(delays_.subspan(index * kDelaySize, kDelaySize));
  ReceiverDelay delay;
  delay.receiver = Ssrc(reader.ReadU32());
  delay.last_reference = reader.ReadU32();
  delay.delay_since = reader.ReadU32();
  return delay;
}

void WriteReceiverReference(ByteWriter& out, Ssrc sender, uint64_t ntp) {
  WriteCommonHeader(out, PacketType::kExtendedReport, 0,
                    kReceiverReferenceSize - kCommonHeaderSize);
  out.WriteU32(sender.value());
  WriteBlockHeader(out, kReceiverReferenceBlock, sizeof(ntp));
  out.WriteU64(ntp);
}

void WriteReceiverDelays(ByteWriter& out, Ssrc sender, absl::Span<const ReceiverDelay> delays) {
  WriteCommonHeader(out, PacketType::kExtendedReport, 0,
                    ReceiverDelaysSize(delays.size()) - kCommonHeaderSize);
  out.WriteU32(sender.value());
  WriteBlockHeader(out, kReceiverDelaysBlock, delays.size() * ExtendedReportView::kDelaySize);
  for (const ReceiverDelay& delay : delays) {
    out.WriteU32(delay.receiver.value());
    out.WriteU32(delay.last_reference);
    out.WriteU32(delay.delay_since);
  }
}

}  // namespace sfu::rtcp
