#include "tests/support/virtual_publication.h"

#include <algorithm>

#include "worker/rtcp/ntp_time.h"
#include "worker/rtcp/sender_report.h"
#include "worker/rtcp/source_description.h"
#include "worker/rtp/extension_block_writer.h"
#include "worker/rtp/extension_values.h"
#include "worker/rtp/retransmission.h"
#include "worker/rtp/rtp_packet_view.h"
#include "worker/rtp/rtp_packet_writer.h"
#include "worker/rtp/vp8_descriptor.h"

namespace sfu {
namespace {

constexpr absl::Duration kAudioInterval = absl::Milliseconds(20);
constexpr absl::Duration kVideoInterval = absl::Microseconds(66'667);
constexpr absl::Duration kFirstReport = absl::Milliseconds(100);
constexpr absl::Duration kReportInterval = absl::Seconds(1);
constexpr size_t kMaxPacketBytes = 1200;
constexpr size_t kAudioPayloadBytes = 80;
constexpr size_t kVideoPayloadBytes = 400;

}  // namespace

void VirtualPublication::Start(Timestamp now, Format format) {
  if (started()) {
    return;
  }
  encodings_.resize(std::max<size_t>(1, format.rids.size()));
  for (Encoding& encoding : encodings_) {
    encoding.ssrc = rtp::Ssrc(random_.NextU32() | 1);
    encoding.rtx_ssrc = rtp::Ssrc(random_.NextU32() | 1);
    encoding.next_sequence = static_cast<uint16_t>(random_.NextU32());
    encoding.next_rtx_sequence = static_cast<uint16_t>(random_.NextU32());
    encoding.timestamp_offset = random_.NextU32();
    encoding.picture_id = static_cast<uint16_t>(random_.NextBelow(0x8000));
    encoding.tl0 = static_cast<uint8_t>(random_.NextU32());
  }
  format_ = std::move(format);
  started_at_ = now;
  next_frame_ = now;
  next_report_ = now + kFirstReport;
}

Timestamp VirtualPublication::NextTimeout() const {
  return sending() ? std::min(next_frame_, next_report_) : Timestamp::Never();
}

void VirtualPublication::HandleTimeout(Timestamp now, absl::Time wall, MediaOutput& output) {
  if (!sending()) {
    return;
  }
  if (next_frame_ <= now) {
    for (uint8_t layer = 0; layer < encodings_.size(); ++layer) {
      SendFrame(now, layer, output);
    }
    ++frame_;
    const absl::Duration interval =
        kind_ == rtp::MediaKind::kAudio ? kAudioInterval : kVideoInterval;
    next_frame_ = next_frame_ + interval;
    if (next_frame_ <= now) {  // After a mute it does not catch up.
      next_frame_ = now + interval;
    }
  }
  if (next_report_ <= now) {
    SendReports(now, wall, output);
    next_report_ = now + kReportInterval;
  }
}

void VirtualPublication::SendFrame(Timestamp now, uint8_t layer, MediaOutput& output) {
  Encoding& encoding = encodings_[layer];
  MediaMark mark{.track = number_,
                 .layer = layer,
                 .frame = frame_,
                 .captured_ms = static_cast<uint32_t>(now.micros() / 1000)};
  if (kind_ == rtp::MediaKind::kAudio) {
    mark.sequence = encoding.packets;
    mark.start = true;
    std::vector<uint8_t> payload(kAudioPayloadBytes);
    mark.Write(absl::MakeSpan(payload));
    SendPacket(now, layer, /*marker=*/frame_ == 0, payload, output);
    return;
  }
  mark.key = std::exchange(encoding.key_wanted, false);
  encoding.picture_id = (encoding.picture_id + 1) & rtp::Vp8Descriptor::kMaxLongPictureId;
  const bool base = mark.key || frame_ % 2 == 0;
  encoding.tl0 = static_cast<uint8_t>(encoding.tl0 + (base ? 1 : 0));
  const int packets = (layer + 1) * (mark.key ? 2 : 1);
  for (int i = 0; i < packets; ++i) {
    mark.sequence = encoding.packets;
    mark.start = i == 0;
    SendPacket(now, layer, /*marker=*/i == packets - 1,
               Vp8Payload(encoding, mark, kVideoPayloadBytes), output);
  }
}

std::vector<uint8_t> VirtualPublication::Vp8Payload(const Encoding& encoding, const MediaMark& mark,
                                                    size_t size) {
  const bool base = mark.key || mark.frame % 2 == 0;
  rtp::Vp8Descriptor descriptor;
  descriptor.partition_start = mark.start;
  descriptor.non_reference = !base;
  descriptor.picture_id = encoding.picture_id;
  descriptor.long_picture_id = true;
  descriptor.tl0_picture_index = encoding.tl0;
  descriptor.temporal_id = static_cast<uint8_t>(base ? 0 : 1);
  descriptor.layer_sync = !base;
  descriptor.key_index = uint8_t{0};
  std::vector<uint8_t> payload(descriptor.WrittenSize() + size);
  const size_t offset = descriptor.Write(absl::MakeSpan(payload));
  payload[offset] = mark.start && mark.key ? 0x10 : 0x11;  // Lowest bit: not a key frame.
  mark.Write(absl::MakeSpan(payload).subspan(offset + 1));
  return payload;
}

uint32_t VirtualPublication::RtpTime(Timestamp now, const Encoding& encoding) const {
  const uint32_t rate = kind_ == rtp::MediaKind::kAudio ? 48'000 : 90'000;
  const int64_t micros = absl::ToInt64Microseconds(now - started_at_);
  return encoding.timestamp_offset + static_cast<uint32_t>(micros * rate / 1'000'000);
}

size_t VirtualPublication::WriteHeader(Timestamp now, uint8_t layer, bool is_rtx, bool marker,
                                       absl::Span<uint8_t> out) {
  Encoding& encoding = encodings_[layer];
  rtp::ExtensionBlockWriter extensions(format_->extensions, /*allow_two_byte=*/true);
  const auto text = [](const std::string& value) {
    return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(value.data()), value.size());
  };
  if (!encoding.heard_of) {
    extensions.Add(rtp::ExtensionType::kMid, text(format_->mid));
    if (!format_->rids.empty()) {
      extensions.Add(
          is_rtx ? rtp::ExtensionType::kRepairedRtpStreamId : rtp::ExtensionType::kRtpStreamId,
          text(format_->rids[layer]));
    }
  }
  uint8_t level = 0;
  if (kind_ == rtp::MediaKind::kAudio) {
    rtp::WriteAudioLevel({.level = 20, .voice = true}, absl::MakeSpan(&level, 1));
    extensions.Add(rtp::ExtensionType::kAudioLevel, absl::MakeConstSpan(&level, 1));
  }
  rtp::RtpHeader header;
  header.marker = marker;
  header.payload_type = is_rtx ? *format_->rtx_payload_type : format_->payload_type;
  header.ssrc = is_rtx ? encoding.rtx_ssrc : encoding.ssrc;
  header.sequence_number =
      rtp::SequenceNumber(is_rtx ? encoding.next_rtx_sequence++ : encoding.next_sequence++);
  header.timestamp = RtpTime(now, encoding);
  return rtp::WriteRtpHeader(header, extensions, out);
}

void VirtualPublication::SendPacket(Timestamp now, uint8_t layer, bool marker,
                                    absl::Span<const uint8_t> payload, MediaOutput& output) {
  Encoding& encoding = encodings_[layer];
  std::vector<uint8_t> packet(kMaxPacketBytes);
  packet.resize(WriteHeader(now, layer, /*is_rtx=*/false, marker, absl::MakeSpan(packet)));
  packet.insert(packet.end(), payload.begin(), payload.end());
  ++encoding.packets;
  encoding.octets += static_cast<uint32_t>(payload.size());
  if (format_->rtx_payload_type) {
    const auto sequence = static_cast<uint16_t>(encoding.next_sequence - 1);
    encoding.history.push_back({rtp::SequenceNumber(sequence), packet});
    if (encoding.history.size() > kHistory) {
      encoding.history.pop_front();
    }
  }
  output.rtp.push_back(std::move(packet));
}

void VirtualPublication::SendReports(Timestamp now, absl::Time wall, MediaOutput& output) {
  for (const Encoding& encoding : encodings_) {
    std::vector<uint8_t> compound(128);
    ByteWriter writer(absl::MakeSpan(compound));
    rtcp::WriteSenderReport(writer,
                            {.sender = encoding.ssrc,
                             .ntp = rtcp::ToNtp(wall),
                             .rtp_timestamp = RtpTime(now, encoding),
                             .packet_count = encoding.packets,
                             .octet_count = encoding.octets},
                            {});
    const rtcp::SourceName name{encoding.ssrc, "virtual"};
    rtcp::WriteSourceDescription(writer, absl::MakeConstSpan(&name, 1));
    compound.resize(writer.size());
    output.rtcp.push_back(std::move(compound));
  }
}

VirtualPublication::Encoding* VirtualPublication::Find(rtp::Ssrc media) {
  const auto found = std::find_if(encodings_.begin(), encodings_.end(),
                                  [&](const Encoding& e) { return e.ssrc == media; });
  return found == encodings_.end() ? nullptr : &*found;
}

void VirtualPublication::HandleNack(rtp::Ssrc media, rtp::SequenceNumber missing,
                                    MediaOutput& output) {
  Encoding* const encoding = Find(media);
  if (encoding == nullptr || stopped_) {
    return;
  }
  const auto found = std::find_if(encoding->history.begin(), encoding->history.end(),
                                  [&](const Sent& sent) { return sent.sequence == missing; });
  if (found == encoding->history.end()) {
    return;
  }
  const auto original = rtp::RtpPacketView::Parse(found->packet);
  const auto layer = static_cast<uint8_t>(encoding - encodings_.data());
  std::vector<uint8_t> packet(kMaxPacketBytes);
  // The header is written anew, for its extensions; time and marker are the original's.
  packet.resize(
      WriteHeader(started_at_, layer, /*is_rtx=*/true, original->marker(), absl::MakeSpan(packet)));
  std::copy_n(found->packet.begin() + 4, 4, packet.begin() + 4);
  uint8_t number[rtp::kOriginalSequenceSize];
  rtp::WriteOriginalSequence(missing, absl::MakeSpan(number));
  packet.insert(packet.end(), std::begin(number), std::end(number));
  packet.insert(packet.end(), original->payload().begin(), original->payload().end());
  output.rtp.push_back(std::move(packet));
}

void VirtualPublication::HandleKeyframeRequest(rtp::Ssrc media) {
  if (Encoding* const encoding = Find(media)) {
    encoding->key_wanted = true;
    ++keyframe_requests_;
  }
}

void VirtualPublication::HandleReport(rtp::Ssrc media) {
  if (Encoding* const encoding = Find(media)) {
    encoding->heard_of = true;
  }
}

}  // namespace sfu
