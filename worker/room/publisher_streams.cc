#include "worker/room/publisher_streams.h"

#include <algorithm>
#include <array>
#include <utility>

#include "worker/rtcp/nack.h"
#include "worker/rtcp/picture_loss.h"
#include "worker/rtcp/receiver_report.h"
#include "worker/rtcp/sender_report.h"
#include "worker/rtp/header_extensions.h"
#include "worker/rtp/rtp_packet_view.h"

namespace sfu::mediaroom {
namespace {

constexpr absl::Duration kReportInterval = absl::Seconds(1);  // [RX-21]
// Who we are in RTCP when we send no media ourselves.
constexpr rtp::Ssrc kOwnSsrc(1);

rtp::ExtensionMap UnionOf(const std::vector<ReceiverParameters>& receivers) {
  rtp::ExtensionMap all;
  for (const ReceiverParameters& receiver : receivers) {
    for (size_t i = 0; i < rtp::kExtensionTypeCount; ++i) {
      const auto type = static_cast<rtp::ExtensionType>(i);
      if (const std::optional<uint8_t> id = receiver.extensions.IdOf(type)) {
        all.Set(type, *id);
      }
    }
  }
  return all;
}

receive::SsrcBinder::Section ToSection(const ReceiverParameters& receiver) {
  receive::SsrcBinder::Section section;
  section.mid = receiver.mid;
  for (const Encoding& encoding : receiver.encodings) {
    section.encodings.push_back({encoding.rid, encoding.ssrc, encoding.rtx_ssrc});
  }
  for (const PayloadFormat& format : receiver.formats) {
    section.payload_types.push_back(format.payload_type);
    if (format.rtx_payload_type) {
      section.rtx_payload_types.push_back(*format.rtx_payload_type);
    }
  }
  return section;
}

std::optional<uint16_t> TransportSequence(const rtp::HeaderExtensions& extensions) {
  const auto value = extensions.Value(rtp::ExtensionType::kTransportSequenceNumber);
  if (value.size() < 2) {
    return std::nullopt;
  }
  return static_cast<uint16_t>(value[0] << 8 | value[1]);
}

}  // namespace

PublisherStreams::PublisherStreams(ParticipantHandle publisher,
                                   const AudioLevelOptions& audio_levels,
                                   const RoomEnvironment& environment, TrackTable& tracks,
                                   Outlet& outlet)
    : publisher_(publisher),
      audio_levels_(audio_levels),
      environment_(environment),
      tracks_(tracks),
      outlet_(outlet) {}

// Only the end of everything leaves sections here; otherwise the owner has configured none first.
PublisherStreams::~PublisherStreams() {
  for (const Section& section : sections_) {
    tracks_.RemoveSource(Timestamp::FromMicros(0), *section);
  }
}

void PublisherStreams::Configure(Timestamp now, const std::vector<ReceiverParameters>& receivers,
                                 RoomEvents& events) {
  extensions_ = UnionOf(receivers);
  std::vector<Section> before = std::move(sections_);
  sections_.clear();
  std::vector<receive::SsrcBinder::Section> bindings;
  for (const ReceiverParameters& receiver : receivers) {
    if (!receiver.track) {
      continue;
    }
    const auto same = std::find_if(before.begin(), before.end(), [&](const Section& section) {
      return section != nullptr && section->parameters().mid == receiver.mid &&
             section->track() == *receiver.track;
    });
    if (same != before.end()) {
      (*same)->Reconfigure(receiver);
      sections_.push_back(std::move(*same));
    } else {
      sections_.push_back(
          std::make_unique<MediaSource>(publisher_, receiver, audio_levels_, outlet_));
      tracks_.AddSource(now, *sections_.back());
    }
    bindings.push_back(ToSection(receiver));
  }
  for (const Section& section : before) {
    if (section != nullptr) {
      EndSource(now, *section);
    }
  }
  binder_.Configure(std::move(bindings));
  for (receive::HeldPackets::Held& held : held_.TakeAll(now)) {
    HandleRtp(now, held.arrival, std::move(held.packet), events);
  }
}

void PublisherStreams::EndSource(Timestamp now, MediaSource& source) {
  tracks_.RemoveSource(now, source);
  source.ForEachStream(
      [&](const receive::StreamReceiver& stream) { ended_.push_back(stream.ssrc()); });
}

void PublisherStreams::HandleRtp(Timestamp now, Timestamp arrival, rtp::PacketRef packet,
                                 RoomEvents& events) {
  const std::optional<rtp::RtpPacketView> view = rtp::RtpPacketView::Parse(packet.bytes());
  if (!view) {
    environment_.counters.dropped_unparsable_rtp.Add();
    return;
  }
  const auto extensions = rtp::HeaderExtensions::Parse(*view, extensions_);
  if (const std::optional<uint16_t> sequence = TransportSequence(extensions)) {
    arrivals_.HandlePacket(arrival, *sequence, view->marker());
    feedback_media_ = view->ssrc();
  }
  std::optional<receive::SsrcBinder::Binding> binding = binder_.Find(view->ssrc());
  if (!binding) {
    binding = binder_.Learn(*view, extensions);
  }
  if (!binding) {
    held_.Hold(now, view->ssrc(), std::move(packet));
    environment_.counters.dropped_unbound_ssrc.Add(held_.dropped() - counted_held_drops_);
    counted_held_drops_ = held_.dropped();
    return;
  }
  receive::StreamReceiver* const stream = StreamFor(*binding, view->ssrc());
  if (stream == nullptr) {
    return;  // A retransmission before the first packet of its stream [RX-13].
  }
  CountReceived(*binding, packet.bytes().size());
  const rtp::MediaPacket* const media =
      binding->is_rtx ? stream->HandleRetransmission(arrival, std::move(packet), extensions_)
                      : stream->HandlePacket(arrival, *view, extensions, std::move(packet));
  if (media != nullptr) {
    sections_[binding->section]->Deliver(now, *media, events);
  }
  if (next_report_ == Timestamp::Never()) {
    next_report_ = now + kReportInterval;
  }
}

void PublisherStreams::CountReceived(const receive::SsrcBinder::Binding& binding, size_t bytes) {
  RoomCounters& counters = environment_.counters;
  (binding.is_rtx ? counters.retransmissions_received : counters.packets_received).Add();
  (binding.is_rtx ? counters.retransmitted_bytes_received : counters.bytes_received).Add(bytes);
}

receive::StreamReceiver* PublisherStreams::StreamFor(const receive::SsrcBinder::Binding& binding,
                                                     rtp::Ssrc ssrc) {
  MediaSource& source = *sections_[binding.section];
  receive::StreamReceiver* const stream = source.stream(binding.encoding);
  if (binding.is_rtx) {
    return stream;
  }
  if (stream != nullptr && stream->ssrc() == ssrc) {
    return stream;
  }
  if (stream != nullptr) {
    ended_.push_back(stream->ssrc());
  }
  receive::StreamReceiver& bound = source.BindStream(binding.encoding, ssrc);
  if (round_trip_) {
    bound.SetRoundTripTime(*round_trip_);
  }
  return &bound;
}

void PublisherStreams::HandleSenderReport(Timestamp arrival, const rtcp::SubPacket& packet) {
  const auto view = rtcp::SenderReportView::Parse(packet);
  if (!view) {
    environment_.counters.dropped_unparsable_rtcp.Add();
    return;
  }
  for (const Section& section : sections_) {
    if (receive::StreamReceiver* const stream = section->StreamOf(view->report.sender)) {
      stream->HandleSenderReport(arrival, view->report.ntp, view->report.rtp_timestamp,
                                 clock_.HandleSenderReport(arrival, view->report.ntp));
    }
  }
}

void PublisherStreams::SetRoundTripTime(absl::Duration round_trip) {
  round_trip_ = round_trip;
  for (const Section& section : sections_) {
    section->SetRoundTripTime(round_trip);
  }
}

void PublisherStreams::HandleTimeout(Timestamp now) {
  SendNacks(now);
  SendKeyframeRequests(now);
  SendTransportFeedback(now);
  SendReceiverReports(now);
}

Timestamp PublisherStreams::NextTimeout() const {
  Timestamp next = std::min(next_report_, arrivals_.NextTimeout());
  ForEachStream([&](const MediaSource&, const receive::StreamReceiver& stream) {
    next = std::min(next, stream.NextTimeout());
  });
  return next;
}

void PublisherStreams::SendReceiverReports(Timestamp now) {
  if (now < next_report_) {
    return;
  }
  std::vector<rtcp::ReportBlock> blocks;
  ForEachStream([&](const MediaSource&, receive::StreamReceiver& stream) {
    if (stream.statistics().started()) {
      blocks.push_back(stream.TakeReportBlock(now));
    }
  });
  std::array<uint8_t, rtcp::ReceiverReportSize(rtcp::kMaxReportBlocks)> memory;
  for (size_t first = 0; first < blocks.size(); first += rtcp::kMaxReportBlocks) {
    ByteWriter out(absl::MakeSpan(memory));
    rtcp::WriteReceiverReport(out, kOwnSsrc,
                              absl::MakeConstSpan(blocks).subspan(first, rtcp::kMaxReportBlocks));
    outlet_.SendRtcp(out.written());
  }
  next_report_ = blocks.empty() ? Timestamp::Never() : now + kReportInterval;
}

void PublisherStreams::SendNacks(Timestamp now) {
  ForEachStream([&](const MediaSource&, receive::StreamReceiver& stream) {
    missing_.clear();
    stream.PollMissing(now, missing_);
    environment_.counters.nacks_sent.Add(missing_.size());
    absl::Span<const rtp::SequenceNumber> rest = missing_;
    while (!rest.empty()) {
      std::array<uint8_t, rtcp::kMaxNackSize> memory;
      ByteWriter out(absl::MakeSpan(memory));
      rest.remove_prefix(rtcp::WriteNack(out, kOwnSsrc, stream.ssrc(), rest));
      outlet_.SendRtcp(out.written());
    }
  });
}

void PublisherStreams::SendKeyframeRequests(Timestamp now) {
  ForEachStream([&](const MediaSource&, receive::StreamReceiver& stream) {
    if (!stream.PollKeyframeRequest(now)) {
      return;
    }
    std::array<uint8_t, rtcp::kPictureLossSize> memory;
    ByteWriter out(absl::MakeSpan(memory));
    rtcp::WritePictureLoss(out, {.sender = kOwnSsrc, .media = stream.ssrc()});
    outlet_.SendRtcp(out.written());
    environment_.counters.key_frames_requested.Add();
  });
}

void PublisherStreams::SendTransportFeedback(Timestamp now) {
  if (now < arrivals_.NextTimeout() || !feedback_media_) {
    return;
  }
  while (true) {
    std::array<uint8_t, transport::Transport::kMaxRtcpBytes> memory;
    ByteWriter out(absl::MakeSpan(memory));
    if (arrivals_.WriteFeedback(now, kOwnSsrc, *feedback_media_, out) == 0) {
      return;
    }
    outlet_.SendRtcp(out.written());
  }
}

}  // namespace sfu::mediaroom
