#include "worker/receive/stream_receiver.h"

#include <utility>

#include "common/base/check.h"
#include "worker/rtp/red_payload.h"
#include "worker/rtp/retransmission.h"

namespace sfu::receive {
namespace {

bool IsVideo(const StreamConfig& config) { return config.kind == rtp::MediaKind::kVideo; }

bool OffersNack(const StreamConfig& config) {
  return std::any_of(config.formats.begin(), config.formats.end(),
                     [](const StreamFormat& format) { return format.nack; });
}

absl::Duration ActivityTimeout(const StreamConfig& config) {
  return IsVideo(config) && !config.sparse ? StreamActivity::kVideoTimeout
                                           : StreamActivity::kSparseTimeout;
}

}  // namespace

StreamReceiver::StreamReceiver(const StreamConfig& config)
    : config_(config),
      statistics_(config.ssrc),
      nacks_(IsVideo(config) ? NackTracker::ForVideo() : NackTracker::ForAudio()),
      history_(IsVideo(config) ? PacketHistory::ForVideo() : PacketHistory::ForAudio()),
      keyframes_(config.keyframes),
      activity_(ActivityTimeout(config)) {
  nacks_.SetEnabled(OffersNack(config));
}

const rtp::MediaPacket* StreamReceiver::HandlePacket(Timestamp arrival,
                                                     const rtp::RtpPacketView& view,
                                                     const rtp::HeaderExtensions& extensions,
                                                     rtp::PacketRef packet) {
  SFU_CHECK(view.ssrc() == config_.ssrc);
  return Accept(arrival, view, extensions, std::move(packet), false);
}

const rtp::MediaPacket* StreamReceiver::HandleRetransmission(Timestamp arrival,
                                                             rtp::PacketRef packet,
                                                             const rtp::ExtensionMap& extensions) {
  const std::optional<rtp::RtpPacketView> rtx = rtp::RtpPacketView::Parse(packet.bytes());
  if (!rtx) {
    return nullptr;
  }
  const auto format = std::find_if(
      config_.formats.begin(), config_.formats.end(),
      [&](const StreamFormat& f) { return f.rtx_payload_type == rtx->payload_type(); });
  if (format == config_.formats.end()) {
    ++counters_.dropped_unknown_payload_type;
    return nullptr;
  }
  if (!rtp::RestoreOriginal(packet, config_.ssrc, format->payload_type)) {
    ++counters_.padding_only;
    return nullptr;
  }
  const std::optional<rtp::RtpPacketView> view = rtp::RtpPacketView::Parse(packet.bytes());
  SFU_CHECK(view.has_value());
  return Accept(arrival, *view, rtp::HeaderExtensions::Parse(*view, extensions), std::move(packet),
                true);
}

const rtp::MediaPacket* StreamReceiver::Accept(Timestamp arrival, const rtp::RtpPacketView& view,
                                               const rtp::HeaderExtensions& extensions,
                                               rtp::PacketRef packet, bool is_retransmission) {
  const StreamFormat* const format = FormatOf(view.payload_type());
  if (format == nullptr) {
    ++counters_.dropped_unknown_payload_type;
    if (!codec_) {
      return nullptr;  // It does not start a stream, but it uses up a number of a running one.
    }
  } else {
    codec_ = format->codec;
  }
  const SequenceWindow::Result result =
      window_.HandlePacket(view.sequence_number().value(), view.timestamp(), is_retransmission);
  if (!CountVerdict(result.verdict)) {
    return nullptr;
  }
  if (!is_retransmission) {
    statistics_.HandlePacket(arrival, result.sequence, result.timestamp, rtp::ClockRate(*codec_));
  }

  rtp::MediaPacket media;
  media.sequence = result.sequence;
  media.timestamp = result.timestamp;
  media.arrival = arrival;
  media.ssrc = config_.ssrc;
  media.codec = *codec_;
  media.payload_type = view.payload_type();
  media.marker = view.marker();
  media.layer = config_.layer;
  media.is_retransmission = is_retransmission;
  if (format != nullptr) {
    Describe(extensions, view.payload(), media);
  }
  if (media.payload_size == 0) {
    TrackLoss(arrival, media);
    unkept_ = std::move(media);
    return &unkept_;
  }
  media.payload_offset = static_cast<uint16_t>(view.payload_offset());
  media.packet = std::move(packet);
  TrackLoss(arrival, media);
  activity_.HandlePacket(arrival, media.packet.size(), media.description.key_frame_start);
  NoteKeyframe(arrival, media);
  ++counters_.accepted;
  counters_.recovered += is_retransmission ? 1 : 0;
  const rtp::MediaPacket* const kept = history_.Insert(arrival, std::move(media));
  if (kept == nullptr) {
    // Too late for anybody to ask for it again, but not for those who wait for it.
    unkept_ = std::move(media);
    return &unkept_;
  }
  return kept;
}

const StreamFormat* StreamReceiver::FormatOf(rtp::PayloadType payload_type) const {
  for (const StreamFormat& format : config_.formats) {
    if (format.payload_type == payload_type) {
      return &format;
    }
  }
  return nullptr;
}

bool StreamReceiver::CountVerdict(SequenceWindow::Verdict verdict) {
  switch (verdict) {
    case SequenceWindow::Verdict::kAccepted:
      return true;
    case SequenceWindow::Verdict::kRestarted:
      ++counters_.restarts;
      Restart();
      return true;
    case SequenceWindow::Verdict::kDuplicate:
      ++counters_.dropped_duplicate;
      return false;
    case SequenceWindow::Verdict::kTooOld:
      ++counters_.dropped_too_old;
      return false;
    case SequenceWindow::Verdict::kOutOfWindow:
      ++counters_.dropped_out_of_window;
      return false;
  }
  return false;
}

void StreamReceiver::Restart() {
  statistics_.Reset();
  nacks_.Reset();
  history_.Clear();
  clock_.reset();
  newest_keyframe_.reset();
}

void StreamReceiver::Describe(const rtp::HeaderExtensions& extensions,
                              absl::Span<const uint8_t> payload, rtp::MediaPacket& media) {
  media.extensions = rtp::PassedExtensions::From(extensions);
  media.audio_level = rtp::ReadAudioLevel(extensions.Value(rtp::ExtensionType::kAudioLevel));
  std::optional<rtp::DependencyDescriptor> dependency;
  if (extensions.Has(rtp::ExtensionType::kDependencyDescriptor)) {
    dependency = dependencies_.Read(extensions.Value(rtp::ExtensionType::kDependencyDescriptor));
  }
  if (payload.empty()) {
    ++counters_.padding_only;
    return;
  }
  const std::optional<rtp::PayloadDescription> description =
      rtp::DescribePayload(media.codec, payload, media.marker, dependency ? &*dependency : nullptr);
  if (!description) {
    ++counters_.malformed_payload;
    return;
  }
  media.description = *description;
  media.payload_size = static_cast<uint16_t>(payload.size());
}

void StreamReceiver::TrackLoss(Timestamp arrival, const rtp::MediaPacket& media) {
  if (media.sequence != window_.highest() || nacks_.size() > 0) {
    nacks_.SetJitter(statistics_.jitter());
  }
  if (!nacks_.HandlePacket(arrival, media.sequence) && IsVideo(config_) && consumed_) {
    keyframes_.Want(arrival);
  }
  if (media.codec == rtp::Codec::kRed && nacks_.size() > 0 && media.payload_size > 0) {
    // What the packet repeats need not be asked for [RX-33].
    if (const std::optional<rtp::RedPayload> red = rtp::RedPayload::Parse(media.payload())) {
      for (size_t i = 1; i <= red->redundant().size(); ++i) {
        nacks_.Forget(media.sequence - static_cast<int64_t>(i));
      }
    }
  }
}

void StreamReceiver::NoteKeyframe(Timestamp arrival, const rtp::MediaPacket& media) {
  if (!IsVideo(config_) || !media.description.key_frame_start) {
    return;
  }
  if (newest_keyframe_ && media.timestamp <= keyframe_timestamp_) {
    // Another slice of the same frame, or an older frame that came late.
    if (media.timestamp == keyframe_timestamp_) {
      newest_keyframe_->sequence = std::min(newest_keyframe_->sequence, media.sequence);
    }
    return;
  }
  newest_keyframe_ = Keyframe{media.sequence, arrival};
  keyframe_timestamp_ = media.timestamp;
  keyframes_.HandleKeyframe(arrival);
  nacks_.ForgetBefore(media.sequence);
}

void StreamReceiver::HandleSenderReport(Timestamp arrival, uint64_t ntp, uint32_t rtp_timestamp,
                                        Timestamp local) {
  if (!window_.started()) {
    return;
  }
  const int64_t timestamp = window_.UnwrapTimestamp(rtp_timestamp);
  if (clock_ && (ntp <= clock_->ntp || timestamp < clock_->timestamp)) {
    return;  // Out of order [RX-23].
  }
  clock_ = rtp::SourceClock{ntp, timestamp, local};
  statistics_.HandleSenderReport(arrival, ntp);
}

void StreamReceiver::SetRoundTripTime(absl::Duration round_trip) {
  nacks_.SetRoundTripTime(round_trip);
  keyframes_.SetRoundTripTime(round_trip);
}

void StreamReceiver::SetConsumed(bool consumed) {
  consumed_ = consumed;
  nacks_.SetEnabled(consumed && OffersNack(config_));
  if (!consumed) {
    keyframes_.Cancel();
  }
}

}  // namespace sfu::receive
