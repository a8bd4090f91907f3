#include "tests/support/virtual_reception.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "worker/rtcp/nack.h"
#include "worker/rtcp/ntp_time.h"
#include "worker/rtcp/picture_loss.h"
#include "worker/rtp/retransmission.h"
#include "worker/rtp/vp8_descriptor.h"

namespace sfu {
namespace {

constexpr absl::Duration kFirstNack = absl::Milliseconds(40);  // Reordered ones come by themselves.
constexpr absl::Duration kNackInterval = absl::Milliseconds(100);
constexpr int kMaxNacks = 10;
constexpr size_t kMaxMissing = 500;
// The server has to see to a first key frame by itself; a client grows impatient much later.
constexpr absl::Duration kFirstKeyframeRequest = absl::Seconds(1);
constexpr absl::Duration kKeyframeInterval = absl::Milliseconds(300);
constexpr int64_t kMaxTimeSkewMs = 300;
constexpr uint32_t kMaxRewindMs = 200;

std::optional<MediaMark> ReadMark(rtp::MediaKind kind, absl::Span<const uint8_t> payload) {
  if (kind == rtp::MediaKind::kAudio) {
    return MediaMark::Read(payload);
  }
  const auto descriptor = rtp::Vp8Descriptor::Parse(payload);
  return descriptor && payload.size() > descriptor->size
             ? MediaMark::Read(payload.subspan(descriptor->size + size_t{1}))
             : std::nullopt;
}

}  // namespace

VirtualReception::VirtualReception(Timestamp now, Format format) : format_(std::move(format)) {
  if (format_.kind == rtp::MediaKind::kVideo) {
    keyframe_wanted_since_ = now;
    next_keyframe_request_ = now + kFirstKeyframeRequest;
  }
}

std::optional<MediaMark> VirtualReception::HandleRtp(Timestamp now,
                                                     const rtp::RtpPacketView& packet) {
  return Take(now, packet.sequence_number(), packet, packet.payload());
}

std::optional<MediaMark> VirtualReception::HandleRtx(Timestamp now,
                                                     const rtp::RtpPacketView& packet) {
  const auto original = rtp::OriginalSequence(packet.payload());
  if (!original) {
    return std::nullopt;
  }
  if (!format_.original_of_rtx.contains(packet.payload_type())) {
    breaches_.push_back("a retransmission of a payload type that is none");
  }
  const auto mark =
      Take(now, *original, packet, packet.payload().subspan(rtp::kOriginalSequenceSize));
  repaired_ += mark ? 1 : 0;
  return mark;
}

std::optional<MediaMark> VirtualReception::Take(Timestamp now, rtp::SequenceNumber number,
                                                const rtp::RtpPacketView& packet,
                                                absl::Span<const uint8_t> payload) {
  const int64_t sequence = sequences_.PeekUnwrap(number.value());
  if (!highest_ || sequence > *highest_) {
    sequences_.Unwrap(number.value());
    NoteGap(now, sequence);
  }
  missing_.erase(sequence);
  if (payload.empty()) {
    return std::nullopt;
  }
  const std::optional<MediaMark> mark = ReadMark(format_.kind, payload);
  if (!mark) {
    breaches_.push_back(fmt::format("packet {} carries what nobody sent", sequence));
    return std::nullopt;
  }
  const Received received{*mark, timestamps_.Unwrap(packet.timestamp()), number.value(), now};
  const auto [entry, is_new] = packets_.emplace(sequence, received);
  if (!is_new) {
    if (entry->second.mark != *mark || entry->second.timestamp != received.timestamp) {
      breaches_.push_back(fmt::format("number {} stands for two packets", sequence));
    }
    return std::nullopt;
  }
  if (mark->key && mark->start) {
    keyframe_wanted_since_.reset();
    next_keyframe_request_ = Timestamp::Never();
  }
  return mark;
}

void VirtualReception::NoteGap(Timestamp now, int64_t sequence) {
  if (highest_ && format_.rtx_ssrc) {
    for (int64_t lost = *highest_ + 1; lost < sequence && missing_.size() < kMaxMissing; ++lost) {
      missing_[lost] = {now + kFirstNack, 0};
    }
  }
  highest_ = sequence;
}

void VirtualReception::HandleSenderReport(Timestamp now, uint64_t ntp) {
  last_report_ = rtcp::CompactNtp(ntp);
  last_report_at_ = now;
}

void VirtualReception::WantKeyframe(Timestamp now) {
  if (format_.kind == rtp::MediaKind::kVideo && !keyframe_wanted_since_) {
    keyframe_wanted_since_ = now;
    next_keyframe_request_ = now;
  }
}

void VirtualReception::AppendFeedback(Timestamp now, rtp::Ssrc sender, MediaOutput& output) {
  if (ended_) {
    return;
  }
  std::vector<rtp::SequenceNumber> wanted;
  for (auto entry = missing_.begin(); entry != missing_.end();) {
    Missing& missing = entry->second;
    if (missing.next_request <= now && missing.requests == kMaxNacks) {
      entry = missing_.erase(entry);
      WantKeyframe(now);
      continue;
    }
    if (missing.next_request <= now) {
      wanted.emplace_back(static_cast<uint16_t>(entry->first));
      missing.next_request = now + kNackInterval;
      ++missing.requests;
    }
    ++entry;
  }
  if (!wanted.empty()) {
    std::vector<uint8_t> packet(rtcp::kMaxNackSize);
    ByteWriter writer(absl::MakeSpan(packet));
    rtcp::WriteNack(writer, sender, format_.ssrc, wanted);
    packet.resize(writer.size());
    output.rtcp.push_back(std::move(packet));
  }
  if (next_keyframe_request_ <= now) {
    std::vector<uint8_t> packet(rtcp::kPictureLossSize);
    ByteWriter writer(absl::MakeSpan(packet));
    rtcp::WritePictureLoss(writer, {sender, format_.ssrc});
    output.rtcp.push_back(std::move(packet));
    next_keyframe_request_ = now + kKeyframeInterval;
  }
}

rtcp::ReportBlock VirtualReception::Report(Timestamp now) const {
  rtcp::ReportBlock block;
  block.source = format_.ssrc;
  if (!packets_.empty()) {
    // The first number a receiver sees is below 2^16, so the upper half counts the wraps.
    block.highest_sequence = static_cast<uint32_t>(*highest_);
    const int64_t expected = *highest_ - packets_.begin()->first + 1;
    block.cumulative_lost = static_cast<int32_t>(expected - static_cast<int64_t>(packets_.size()));
  }
  if (last_report_at_ != Timestamp::Never()) {
    block.last_sender_report = last_report_;
    block.delay_since_sender_report = rtcp::ToCompactNtp(now - last_report_at_);
  }
  return block;
}

std::vector<std::string> VirtualReception::Check(bool lossless) const {
  std::vector<std::string> breaches = breaches_;
  const Received* before = nullptr;
  int64_t before_sequence = 0;
  for (const auto& [sequence, received] : packets_) {
    if (before == nullptr) {
      if (lossless && format_.kind == rtp::MediaKind::kVideo &&
          !(received.mark.key && received.mark.start)) {
        breaches.push_back("the first packet does not begin a key frame");
      }
    } else {
      CheckPair(*before, sequence - before_sequence - 1, received, lossless, breaches);
    }
    before = &received;
    before_sequence = sequence;
  }
  CheckTimes(lossless, breaches);
  for (std::string& breach : breaches) {
    breach = fmt::format("{} ({}): {}", format_.track_sid,
                         format_.kind == rtp::MediaKind::kAudio ? "audio" : "video", breach);
  }
  return breaches;
}

// Two packets that follow one another by number, with `gap` numbers between them.
void VirtualReception::CheckPair(const Received& before, int64_t gap, const Received& after,
                                 bool lossless, std::vector<std::string>& breaches) const {
  const auto breach = [&](std::string_view what) {
    breaches.push_back(fmt::format(
        "{} -> {}: {} (layer {} packet {} frame {} -> layer {} packet {} frame {}, gap {})",
        before.sequence, after.sequence, what, before.mark.layer, before.mark.sequence,
        before.mark.frame, after.mark.layer, after.mark.sequence, after.mark.frame, gap));
  };
  if (lossless && gap != 0) {
    breach("a gap though nothing was lost");
  }
  if (after.timestamp < before.timestamp) {
    breach("time runs backwards");
  }
  if (after.mark.frame == before.mark.frame && after.mark.layer == before.mark.layer &&
      after.timestamp != before.timestamp) {
    breach("one frame at two times");
  }
  if (after.mark.layer == before.mark.layer) {
    const int64_t source_gap = static_cast<int64_t>(after.mark.sequence) - before.mark.sequence - 1;
    if (source_gap < 0) {
      breach("order is not the publisher's");
    } else if (gap > source_gap) {
      breach("more numbers left out than packets");
    }
    return;
  }
  // A switch may repeat an instant, in the other encoding; it does not rewind.
  if (after.mark.captured_ms + kMaxRewindMs < before.mark.captured_ms) {
    breach("a switch into the past");
  }
  if (gap == 0 && !(after.mark.key && after.mark.start)) {
    breach("a switch in the middle");
  }
}

// RTP time must run as capture time does, whichever encoding it comes from.
void VirtualReception::CheckTimes(bool lossless, std::vector<std::string>& breaches) const {
  if (packets_.empty() || !lossless) {
    return;
  }
  const int64_t rate = format_.kind == rtp::MediaKind::kAudio ? 48 : 90;
  const Received& first = packets_.begin()->second;
  int64_t worst = 0;
  for (const auto& [sequence, received] : packets_) {
    const int64_t captured =
        static_cast<int64_t>(received.mark.captured_ms) - first.mark.captured_ms;
    const int64_t stamped = (received.timestamp - first.timestamp) / rate;
    if (std::llabs(stamped - captured) > std::llabs(worst)) {
      worst = stamped - captured;
    }
  }
  if (std::llabs(worst) > kMaxTimeSkewMs) {
    breaches.push_back(fmt::format("timestamps are {} ms off", worst));
  }
}

}  // namespace sfu
