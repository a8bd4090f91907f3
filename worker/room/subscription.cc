#include "worker/room/subscription.h"

#include <algorithm>
#include <array>

#include "worker/room/media_source.h"
#include "worker/rtcp/sender_report.h"
#include "worker/rtcp/source_description.h"

namespace sfu::mediaroom {
namespace {

forward::ForwarderConfig ToConfig(const SenderParameters& parameters, Random& random) {
  forward::ForwarderConfig config;
  config.kind = parameters.kind;
  config.ssrc = parameters.ssrc;
  config.rtx_ssrc = parameters.rtx_ssrc;
  for (const PayloadFormat& format : parameters.formats) {
    config.formats.push_back(
        {format.codec, format.payload_type, format.rtx_payload_type, format.nack});
  }
  config.extensions = parameters.extensions;
  config.mid = parameters.mid;
  constexpr uint32_t kFirstSequences = (1 << 15) - 1;  // 1 to 2^15 - 1 [SRTP-4].
  config.first_sequence = static_cast<uint16_t>(1 + random.NextBelow(kFirstSequences));
  config.first_rtx_sequence = static_cast<uint16_t>(1 + random.NextBelow(kFirstSequences));
  config.first_timestamp = random.NextU32();
  return config;
}

}  // namespace

Subscription::Subscription(const SenderParameters& parameters, Random& random, Outlet& outlet)
    : parameters_(parameters), outlet_(outlet), forwarder_(ToConfig(parameters, random), *this) {}

bool Subscription::Takes(rtp::Codec codec) const {
  return std::any_of(parameters_.formats.begin(), parameters_.formats.end(),
                     [&](const PayloadFormat& format) { return format.codec == codec; });
}

void Subscription::Attach(Timestamp now, MediaSource& source) {
  source_ = &source;
  RequestKeyframe(now);
}

void Subscription::SetWishes(Timestamp now, const SubscriptionParameters& wishes) {
  forwarder_.SetTarget(wishes.max_spatial_layer, wishes.max_temporal_layer);
  forwarder_.SetPaused(wishes.disabled);
  RequestKeyframe(now);
}

void Subscription::HandlePacket(Timestamp now, const rtp::MediaPacket& packet, RoomEvents& events) {
  // A stream begins when its transport is up: a key frame spent before would leave the subscriber
  // without a picture until it complains.
  if (!outlet_.can_send_media()) {
    return;
  }
  if (std::optional<rtp::OutgoingPacket> outgoing = forwarder_.HandlePacket(now, packet)) {
    const bool sent = outlet_.Enqueue(*std::move(outgoing));
    if (sent && !started_) {
      started_ = true;
      outlet_.Touch();  // Sender reports begin.
      events.Add(SubscriptionStarted{parameters_.sender});
    }
  }
  if (parameters_.kind == rtp::MediaKind::kVideo) {
    RequestKeyframe(now);
    Replay(now);
  }
}

void Subscription::HandleReport(const rtcp::ReportBlock& block,
                                std::optional<absl::Duration> round_trip) {
  forwarder_.StopSendingMid();
  if (round_trip) {
    forwarder_.SetRoundTripTime(*round_trip);
  }
  cumulative_lost_ = block.cumulative_lost;
  jitter_ticks_ = block.jitter;
}

size_t Subscription::HandleNack(Timestamp now, absl::Span<const rtp::SequenceNumber> missing) {
  retransmissions_.clear();
  forwarder_.HandleNack(now, missing, retransmissions_);
  for (rtp::OutgoingPacket& packet : retransmissions_) {
    outlet_.Enqueue(std::move(packet));
  }
  return retransmissions_.size();
}

void Subscription::HandlePictureLoss(Timestamp now) {
  forwarder_.HandlePictureLoss(now);
  RequestKeyframe(now);
}

void Subscription::SendReport(Timestamp now, uint64_t ntp) {
  const std::optional<forward::SenderReportData> data = forwarder_.PollSenderReport(now, ntp);
  if (!data) {
    return;
  }
  std::array<uint8_t, 512> memory;
  ByteWriter out(absl::MakeSpan(memory));
  rtcp::WriteSenderReport(out,
                          {.sender = data->ssrc,
                           .ntp = data->ntp,
                           .rtp_timestamp = data->rtp_timestamp,
                           .packet_count = data->packet_count,
                           .octet_count = data->octet_count},
                          {});
  const rtcp::SourceName name{data->ssrc, parameters_.cname};
  rtcp::WriteSourceDescription(out, absl::MakeConstSpan(&name, 1));
  outlet_.SendRtcp(out.written());
}

StreamWindow Subscription::TakeWindow(absl::Duration round_trip) {
  const uint64_t packets = forwarder_.counters().packets;
  StreamWindow window;
  window.codec = parameters_.formats.front().codec;
  window.expected_packets = static_cast<uint32_t>(packets - reported_packets_);
  window.lost_packets =
      static_cast<uint32_t>(std::max<int32_t>(cumulative_lost_ - reported_lost_, 0));
  window.round_trip = round_trip;
  window.jitter = absl::Seconds(1) * jitter_ticks_ / rtp::ClockRate(window.codec);
  // A subscriber that asked for nothing, or a publisher that sends nothing, is not a bad link.
  window.muted = forwarder_.paused() || window.expected_packets == 0;
  reported_packets_ = packets;
  reported_lost_ = cumulative_lost_;
  return window;
}

const rtp::MediaPacket* Subscription::Find(uint8_t layer, int64_t sequence) const {
  return source_ == nullptr ? nullptr : source_->Find(layer, sequence);
}

const rtp::SourceClock* Subscription::Clock(uint8_t layer) const {
  return source_ == nullptr ? nullptr : source_->Clock(layer);
}

uint8_t Subscription::encoding_count() const {
  return source_ == nullptr ? uint8_t{1} : source_->encoding_count();
}

void Subscription::RequestKeyframe(Timestamp now) {
  const std::optional<uint8_t> layer = forwarder_.wanted_keyframe();
  if (layer && source_ != nullptr) {
    source_->WantKeyframe(now, *layer);
  }
}

// Packets that came before the start of their key frame: the history has them by now.
void Subscription::Replay(Timestamp now) {
  while (const auto replay = forwarder_.PollReplay()) {
    for (int64_t sequence = replay->first; sequence <= replay->last; ++sequence) {
      const rtp::MediaPacket* packet = Find(replay->layer, sequence);
      if (packet == nullptr) {
        continue;
      }
      if (std::optional<rtp::OutgoingPacket> outgoing = forwarder_.HandlePacket(now, *packet)) {
        outlet_.Enqueue(*std::move(outgoing));
      }
    }
  }
}

}  // namespace sfu::mediaroom
