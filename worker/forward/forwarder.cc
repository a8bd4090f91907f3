#include "worker/forward/forwarder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "worker/forward/layer_selector.h"
#include "worker/rtp/retransmission.h"

namespace sfu::forward {
namespace {

// No 16-bit number can make such a leap: the stream has started over (receive::SequenceWindow).
constexpr int64_t kRestartLeap = int64_t{1} << 16;
constexpr size_t kMaxDependencyDescriptor = 128;

HeaderTemplate::Options HeaderOptions(const ForwarderConfig& config, rtp::Ssrc ssrc, bool stamped) {
  return {ssrc, &config.extensions, config.allow_two_byte_extensions, stamped, config.mid};
}

}  // namespace

struct Forwarder::Video {
  LayerSelector selector;
  CodecMunger codec;
  uint8_t target_spatial = 2;
  uint8_t target_temporal = 3;
  // As the target was last applied. The source may learn how many encodings it has only later.
  bool single_encoding = false;
  std::optional<Replay> replay;
  bool picture_lost = false;  // The subscriber cannot decode what it has.
  bool source_lost = false;   // The source that the timestamps are anchored to is gone.
};

// Audio is never stamped at the moment of sending: its packets must be repeatable byte for byte on
// the same SSRC [TX-48].
Forwarder::Forwarder(const ForwarderConfig& config, const SourceView& source)
    : config_(config),
      source_(source),
      header_(HeaderOptions(config_, config.ssrc, config.kind == rtp::MediaKind::kVideo)),
      sequences_(config.first_sequence),
      timestamps_(config.first_timestamp),
      sent_(config.kind),
      reports_(config.ssrc.value()),
      next_rtx_sequence_(config.first_rtx_sequence),
      send_mid_(!config.mid.empty() && config.extensions.Contains(rtp::ExtensionType::kMid)) {
  if (config.rtx_ssrc) {
    rtx_header_ = std::make_unique<HeaderTemplate>(HeaderOptions(config_, *config.rtx_ssrc, true));
  }
  if (config.kind == rtp::MediaKind::kVideo) {
    video_ = std::make_unique<Video>();
  }
}

Forwarder::~Forwarder() = default;

std::optional<rtp::OutgoingPacket> Forwarder::HandlePacket(Timestamp now,
                                                           const rtp::MediaPacket& packet) {
  if (paused_) {
    return std::nullopt;
  }
  if (!video_) {
    return HandleAudio(now, packet);
  }
  std::optional<rtp::OutgoingPacket> out = HandleVideo(now, packet);
  video_->selector.encodings().Remember(packet);
  return out;
}

std::optional<rtp::OutgoingPacket> Forwarder::HandleAudio(Timestamp now,
                                                          const rtp::MediaPacket& packet) {
  bool marker = packet.marker;
  if (!ContinuesAudio(packet)) {
    if (packet.payload_size == 0) {
      return std::nullopt;
    }
    marker = marker || resuming_;  // A talk spurt begins: playout may adapt (RFC 3551 §4.1).
    PlaceAudio(now, packet);
  }
  if (packet.payload_size == 0) {
    return LeaveOut(now, packet);
  }
  return Send(now, packet, marker, CodecNumbers());
}

bool Forwarder::ContinuesAudio(const rtp::MediaPacket& packet) const {
  return timestamps_.started() && !resuming_ && packet.ssrc == source_ssrc_ &&
         packet.sequence - source_highest_ < kRestartLeap;
}

void Forwarder::PlaceAudio(Timestamp now, const rtp::MediaPacket& packet) {
  const uint32_t clock_rate = rtp::ClockRate(packet.codec);
  if (!timestamps_.started()) {
    timestamps_.Start(now, packet.timestamp, clock_rate);
  } else if (packet.ssrc == source_ssrc_ && packet.sequence - source_highest_ < kRestartLeap) {
    timestamps_.Resume(now, packet.timestamp);
  } else {
    timestamps_.Restart(now, packet.timestamp, clock_rate);
  }
  BeginSource(now, packet);
}

std::optional<rtp::OutgoingPacket> Forwarder::HandleVideo(Timestamp now,
                                                          const rtp::MediaPacket& packet) {
  RefreshTarget();
  LayerSelector& selector = video_->selector;
  const bool was_sending = selector.encodings().current().has_value();
  selector.Observe(packet);
  if (was_sending && !selector.encodings().current()) {
    video_->source_lost = true;
  }
  if (selector.IsSwitch(packet) && !SwitchVideo(now, packet)) {
    ++counters_.switches_refused;
  }
  if (!selector.IsCurrent(packet)) {
    ++counters_.dropped_layer;
    return std::nullopt;
  }
  if (packet.payload_size == 0) {
    return LeaveOut(now, packet);
  }
  const FrameDecision decision = selector.Decide(packet);
  std::optional<CodecNumbers> numbers;
  if (decision.forward) {
    numbers = video_->codec.Map(packet);
  } else {
    video_->codec.LeaveOut(packet);
  }
  if (!numbers) {
    ++counters_.dropped_layer;
    return LeaveOut(now, packet);
  }
  if (packet.description.key_frame_start) {
    video_->picture_lost = false;
  }
  numbers->decode_targets = decision.decode_targets;
  return Send(now, packet, decision.marker, *numbers);
}

bool Forwarder::SwitchVideo(Timestamp now, const rtp::MediaPacket& packet) {
  if (FormatOf(packet.codec) == nullptr) {
    ++counters_.dropped_no_format;
    return false;
  }
  if (!PlaceVideo(now, packet)) {
    return false;
  }
  LayerSelector& selector = video_->selector;
  if (const std::optional<int64_t> newest = selector.encodings().NewestAfter(packet)) {
    video_->replay = Replay{packet.layer, packet.sequence + 1, *newest};
  }
  ++counters_.layer_switches;
  video_->source_lost = false;
  selector.SwitchTo(packet);
  video_->codec.SwitchTo(packet);
  BeginSource(now, packet);
  return true;
}

bool Forwarder::PlaceVideo(Timestamp now, const rtp::MediaPacket& packet) {
  const uint32_t clock_rate = rtp::ClockRate(packet.codec);
  if (!timestamps_.started()) {
    timestamps_.Start(now, packet.timestamp, clock_rate);
    return true;
  }
  if (video_->source_lost) {
    timestamps_.Restart(now, packet.timestamp, clock_rate);
    return true;
  }
  if (packet.layer == source_layer_) {
    if (packet.ssrc == source_ssrc_ && packet.sequence - source_highest_ < kRestartLeap) {
      timestamps_.Resume(now, packet.timestamp);
    } else {
      timestamps_.Restart(now, packet.timestamp, clock_rate);
    }
    return true;
  }
  const bool has_alternative = video_->selector.encodings().current().has_value();
  return timestamps_.SwitchLayer(now, packet.timestamp, source_.Clock(source_layer_),
                                 source_.Clock(packet.layer), has_alternative);
}

void Forwarder::BeginSource(Timestamp now, const rtp::MediaPacket& packet) {
  sequences_.SwitchTo(packet.sequence);
  source_ssrc_ = packet.ssrc;
  source_layer_ = packet.layer;
  source_highest_ = packet.sequence;
  resuming_ = false;
  reports_.Restart(now);
}

std::optional<rtp::OutgoingPacket> Forwarder::Send(Timestamp now, const rtp::MediaPacket& packet,
                                                   bool marker, const CodecNumbers& numbers) {
  const OutgoingFormat* const format = FormatOf(packet.codec);
  if (format == nullptr) {
    ++counters_.dropped_no_format;
    return LeaveOut(now, packet);
  }
  const int64_t former_last = sequences_.last();
  const std::optional<int64_t> sequence = sequences_.Map(packet.sequence);
  const bool is_late = sequence && *sequence <= former_last;
  const auto wire_sequence = static_cast<uint16_t>(sequence.value_or(0));
  // The same number twice with, perhaps, other bytes would break GCM.
  if (!sequence || (is_late && sent_.Find(wire_sequence) != nullptr)) {
    ++counters_.dropped_late;
    return std::nullopt;
  }
  return Emit(now, packet, wire_sequence, format->payload_type, marker, numbers);
}

// Apart from Send() so that there is one result, which the compiler then builds in place.
std::optional<rtp::OutgoingPacket> Forwarder::Emit(Timestamp now, const rtp::MediaPacket& packet,
                                                   uint16_t sequence, rtp::PayloadType payload_type,
                                                   bool marker, const CodecNumbers& numbers) {
  source_highest_ = std::max(source_highest_, packet.sequence);
  const int64_t timestamp = timestamps_.Map(packet.timestamp);
  timestamps_.NoteSent(now, timestamp);

  HeaderTemplate::Fields fields;
  fields.marker = marker;
  fields.payload_type = payload_type;
  fields.sequence = sequence;
  fields.timestamp = static_cast<uint32_t>(timestamp);
  fields.with_mid = send_mid_;
  std::optional<rtp::OutgoingPacket> out(std::in_place);
  Build(header_, packet, fields, numbers, *out);
  out->priority =
      video_ ? rtp::OutgoingPacket::Priority::kVideo : rtp::OutgoingPacket::Priority::kAudio;

  RetransmissionMap::Entry entry;
  entry.source_sequence = packet.sequence;
  entry.source_ssrc = packet.ssrc;
  entry.timestamp = fields.timestamp;
  entry.sequence = sequence;
  entry.layer = packet.layer;
  entry.marker = marker;
  entry.with_mid = send_mid_;
  sent_.Add(now, entry, numbers);
  ++counters_.packets;
  counters_.octets += size_t{out->prefix_size} + out->payload_size;
  return out;
}

void Forwarder::Build(const HeaderTemplate& header, const rtp::MediaPacket& packet,
                      HeaderTemplate::Fields fields, const CodecNumbers& numbers,
                      rtp::OutgoingPacket& out) const {
  size_t replaced = 0;
  std::array<uint8_t, kMaxDependencyDescriptor> descriptor;
  if (video_) {
    out.prefix_size = static_cast<uint8_t>(
        out.prefix_size +
        CodecMunger::WritePrefix(packet, numbers,
                                 absl::MakeSpan(out.prefix).subspan(out.prefix_size), replaced));
    if (config_.extensions.Contains(rtp::ExtensionType::kDependencyDescriptor)) {
      fields.dependency_descriptor = absl::MakeConstSpan(
          descriptor.data(),
          CodecMunger::WriteDependencyDescriptor(packet, numbers, absl::MakeSpan(descriptor)));
    }
  }
  header.Write(fields, packet, out);
  out.source = packet.packet;
  out.payload_offset = static_cast<uint16_t>(packet.payload_offset + replaced);
  out.payload_size = static_cast<uint16_t>(packet.payload_size - replaced);
}

std::optional<rtp::OutgoingPacket> Forwarder::LeaveOut(Timestamp now,
                                                       const rtp::MediaPacket& packet) {
  const std::optional<int64_t> gap = sequences_.LeaveOut(packet.sequence);
  source_highest_ = std::max(source_highest_, packet.sequence);
  const OutgoingFormat* const format = FormatOf(packet.codec);
  if (!gap || format == nullptr || sent_.Find(static_cast<uint16_t>(*gap)) != nullptr) {
    return std::nullopt;
  }
  // The receiver waits for this number; an empty packet tells it that there is nothing to wait for.
  HeaderTemplate::Fields fields;
  fields.padding = true;
  fields.payload_type = format->payload_type;
  fields.sequence = static_cast<uint16_t>(*gap);
  fields.timestamp = static_cast<uint32_t>(timestamps_.Map(packet.timestamp));
  std::optional<rtp::OutgoingPacket> out(std::in_place);
  header_.WriteEmpty(fields, *out);
  out->padding_size = 1;
  out->priority = rtp::OutgoingPacket::Priority::kPadding;

  RetransmissionMap::Entry entry;
  entry.sequence = fields.sequence;
  entry.sends = NackResponder::kMaxSends;
  sent_.Add(now, entry, CodecNumbers());
  ++counters_.fillers;
  return out;
}

void Forwarder::HandleNack(Timestamp now, absl::Span<const rtp::SequenceNumber> missing,
                           std::vector<rtp::OutgoingPacket>& out) {
  for (const rtp::SequenceNumber sequence : missing) {
    rtp::OutgoingPacket packet;
    if (nacks_.Admit(now) && Resend(now, sequence, packet)) {
      out.push_back(std::move(packet));
    }
  }
}

bool Forwarder::Resend(Timestamp now, rtp::SequenceNumber sequence, rtp::OutgoingPacket& out) {
  RetransmissionMap::Entry* const entry = sent_.Find(sequence.value());
  if (entry == nullptr) {
    nacks_.CountUnknown();
    return false;
  }
  if (!nacks_.MayResend(now, *entry)) {
    return false;
  }
  const rtp::MediaPacket* const packet = source_.Find(entry->layer, entry->source_sequence);
  const OutgoingFormat* const format = packet != nullptr ? FormatOf(packet->codec) : nullptr;
  if (format == nullptr || packet->ssrc != entry->source_ssrc || !CanResend(*format)) {
    nacks_.CountUnknown();
    return false;
  }
  HeaderTemplate::Fields fields;
  fields.marker = entry->marker;
  fields.timestamp = entry->timestamp;
  if (video_) {
    fields.payload_type = *format->rtx_payload_type;
    fields.sequence = next_rtx_sequence_;
    fields.with_mid = send_mid_;
    rtp::WriteOriginalSequence(sequence, absl::MakeSpan(out.prefix));
    out.prefix_size = rtp::kOriginalSequenceSize;
    Build(*rtx_header_, *packet, fields, sent_.NumbersOf(*entry), out);
  } else {
    fields.payload_type = format->payload_type;
    fields.sequence = sequence.value();
    fields.with_mid = entry->with_mid;
    Build(header_, *packet, fields, CodecNumbers(), out);
  }
  if (!nacks_.Spend(now, out.size(), *entry)) {
    return false;
  }
  if (video_) {
    ++next_rtx_sequence_;
  }
  out.priority = rtp::OutgoingPacket::Priority::kRetransmission;
  ++counters_.retransmitted_packets;
  counters_.retransmitted_octets += size_t{out.prefix_size} + out.payload_size;
  return true;
}

bool Forwarder::CanResend(const OutgoingFormat& format) const {
  // Without RTX video cannot: what it carries is stamped when it leaves.
  return video_ ? rtx_header_ != nullptr && format.rtx_payload_type.has_value() : format.nack;
}

const OutgoingFormat* Forwarder::FormatOf(rtp::Codec codec) const {
  for (const OutgoingFormat& format : config_.formats) {
    if (format.codec == codec) {
      return &format;
    }
  }
  return nullptr;
}

void Forwarder::HandlePictureLoss(Timestamp) {
  if (video_) {
    video_->picture_lost = true;
  }
}

void Forwarder::SetTarget(uint8_t max_spatial, uint8_t max_temporal) {
  if (video_) {
    video_->target_spatial = max_spatial;
    video_->target_temporal = max_temporal;
    video_->selector.SetTarget(max_spatial, max_temporal, video_->single_encoding);
    RefreshTarget();
  }
}

void Forwarder::RefreshTarget() {
  const bool single_encoding = source_.encoding_count() <= 1;
  if (single_encoding != video_->single_encoding) {
    video_->single_encoding = single_encoding;
    video_->selector.SetTarget(video_->target_spatial, video_->target_temporal, single_encoding);
  }
}

void Forwarder::SetPaused(bool paused) {
  if (paused == paused_) {
    return;
  }
  paused_ = paused;
  if (paused) {
    resuming_ = timestamps_.started();
    reports_.Stop();
    if (video_) {
      video_->selector.Stop();
      video_->replay.reset();
    }
  }
}

void Forwarder::SetLiveLayers(uint8_t mask) {
  if (video_) {
    RefreshTarget();
    video_->selector.encodings().SetLive(mask);
  }
}

void Forwarder::StopSendingMid() { send_mid_ = false; }

void Forwarder::SetRoundTripTime(absl::Duration round_trip) { nacks_.SetRoundTripTime(round_trip); }

void Forwarder::SetRetransmissionRate(int64_t bits_per_second) { nacks_.SetRate(bits_per_second); }

std::optional<uint8_t> Forwarder::wanted_keyframe() const {
  if (!video_ || paused_ || source_muted_) {
    return std::nullopt;
  }
  const LayerSelector& selector = video_->selector;
  const std::optional<uint8_t> goal = selector.encodings().goal();
  const std::optional<uint8_t> current = selector.encodings().current();
  if (current != goal) {
    return goal;
  }
  return current && (video_->picture_lost || selector.NeedsKeyframe()) ? current : std::nullopt;
}

uint8_t Forwarder::wanted_layers() const {
  constexpr uint8_t kAll = (1u << EncodingSelector::kMaxEncodings) - 1;
  if (paused_) {
    return 0;
  }
  if (!video_) {
    return kAll;
  }
  const EncodingSelector& encodings = video_->selector.encodings();
  const std::optional<uint8_t> current = encodings.current();
  return current && current == encodings.goal() ? static_cast<uint8_t>(1u << *current) : kAll;
}

std::optional<Forwarder::Replay> Forwarder::PollReplay() {
  return video_ ? std::exchange(video_->replay, std::nullopt) : std::nullopt;
}

std::optional<SenderReportData> Forwarder::PollSenderReport(Timestamp now, uint64_t ntp) {
  if (now < reports_.NextTimeout()) {
    return std::nullopt;
  }
  reports_.Advance(now);
  SenderReportData report;
  report.ssrc = config_.ssrc;
  report.ntp = ntp;
  report.rtp_timestamp = static_cast<uint32_t>(ReportTimestamp(now));
  report.packet_count = static_cast<uint32_t>(counters_.packets);
  report.octet_count = static_cast<uint32_t>(counters_.octets);
  return report;
}

int64_t Forwarder::ReportTimestamp(Timestamp now) const {
  const auto ticks = [this](absl::Duration elapsed) {
    return absl::ToInt64Microseconds(elapsed) * timestamps_.clock_rate() / 1'000'000;
  };
  if (const rtp::SourceClock* const clock = source_.Clock(source_layer_)) {
    return timestamps_.Map(clock->timestamp + ticks(now - clock->local));
  }
  return timestamps_.last() + ticks(now - timestamps_.last_sent());
}

std::optional<uint8_t> Forwarder::current_layer() const {
  if (!video_) {
    return timestamps_.started() && !paused_ ? std::optional<uint8_t>(0) : std::nullopt;
  }
  const std::optional<uint8_t> encoding = video_->selector.encodings().current();
  if (!encoding) {
    return std::nullopt;
  }
  return source_.encoding_count() <= 1 ? video_->selector.current_spatial() : *encoding;
}

uint8_t Forwarder::max_spatial_in_use() const {
  return video_ ? std::max(video_->target_spatial, current_layer().value_or(0)) : uint8_t{0};
}

const NackCounters& Forwarder::nack_counters() const { return nacks_.counters(); }

}  // namespace sfu::forward
