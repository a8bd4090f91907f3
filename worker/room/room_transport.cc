#include "worker/room/room_transport.h"

#include <algorithm>
#include <utility>

#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/receiver_report.h"
#include "worker/rtcp/sender_report.h"

namespace sfu::mediaroom {
namespace {

transport::Transport::Options ToTransportOptions(const TransportOptions& options) {
  transport::Transport::Options result;
  result.opens_data_channels = options.opens_data_channels;
  return result;
}

}  // namespace

RoomTransport::RoomTransport(TransportHandle handle, transport::TransportId id,
                             const TransportOptions& options, const AudioLevelOptions& audio_levels,
                             const RoomEnvironment& environment, TrackTable& tracks)
    : handle_(handle),
      options_(options),
      environment_(environment),
      transport_(id, environment.dtls, environment.transport, ToTransportOptions(options)),
      outlet_(transport_, environment.flush),
      publisher_(options.participant, audio_levels, environment, tracks, outlet_),
      subscriber_(environment, tracks, outlet_) {
  Steps().started.Add();
}

RoomTransport::~RoomTransport() { Steps().ended.Add(); }

TransportSteps& RoomTransport::Steps() const {
  return environment_.counters.transports[options_.opens_data_channels ? 1 : 0];
}

void RoomTransport::NoteConnected() {
  Steps().ice_and_dtls_connected.Add(connected_ ? 0 : 1);
  connected_ = true;
  NoteProgress();
}

void RoomTransport::NoteDataChannelsOpen() {
  channels_open_ = true;
  NoteProgress();
}

void RoomTransport::NoteProgress() {
  const bool complete = connected_ && (channels_open_ || !options_.opens_data_channels);
  if (complete && !established_) {
    established_ = true;
    Steps().fully_established.Add();
  }
}

void RoomTransport::HandleRtp(Timestamp now, transport::RtpReceived received, RoomEvents& events) {
  publisher_.HandleRtp(now, received.arrival, std::move(received.packet), events);
}

void RoomTransport::HandleRtcp(Timestamp now, const transport::RtcpReceived& received) {
  const auto compound = rtcp::CompoundView::Parse(received.packet.bytes());
  if (!compound) {
    environment_.counters.dropped_unparsable_rtcp.Add();
    return;
  }
  for (const rtcp::SubPacket packet : *compound) {
    HandleSubPacket(now, received.arrival, packet);
  }
  if (const auto round_trip = subscriber_.round_trip()) {
    publisher_.SetRoundTripTime(*round_trip);
  }
}

void RoomTransport::HandleSubPacket(Timestamp now, Timestamp arrival,
                                    const rtcp::SubPacket& packet) {
  switch (packet.type) {
    case rtcp::PacketType::kSenderReport:
      publisher_.HandleSenderReport(arrival, packet);
      if (const auto report = rtcp::SenderReportView::Parse(packet)) {
        subscriber_.HandleReportBlocks(now, report->blocks);
      }
      break;
    case rtcp::PacketType::kReceiverReport:
      if (const auto report = rtcp::ReceiverReportView::Parse(packet)) {
        subscriber_.HandleReportBlocks(now, report->blocks);
      }
      break;
    case rtcp::PacketType::kTransportFeedback:
      subscriber_.HandleTransportFeedback(now, packet);
      break;
    case rtcp::PacketType::kPayloadFeedback:
      subscriber_.HandlePayloadFeedback(now, packet);
      break;
    default:
      break;  // Descriptions, goodbyes and extended reports change nothing here.
  }
}

void RoomTransport::HandleTimeout(Timestamp now, transport::TransportOutputs& outputs) {
  if (transport_.NextTimeout() <= now) {
    transport_.HandleTimeout(now, outputs);
    outlet_.MarkPending();
  }
  if (publisher_.NextTimeout() <= now) {
    publisher_.HandleTimeout(now);
  }
  if (subscriber_.NextTimeout() <= now) {
    subscriber_.HandleTimeout(now);
  }
}

Timestamp RoomTransport::NextTimeout() const {
  return std::min({transport_.NextTimeout(), publisher_.NextTimeout(), subscriber_.NextTimeout()});
}

void RoomTransport::ForgetEndedStreams() {
  for (const rtp::Ssrc ssrc : publisher_.TakeEndedSsrcs()) {
    transport_.ForgetInboundSsrc(ssrc.value());
  }
  for (const rtp::Ssrc ssrc : subscriber_.TakeEndedSsrcs()) {
    transport_.ForgetOutboundSsrc(ssrc.value());
  }
}

}  // namespace sfu::mediaroom
