#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "worker/receive/arrival_recorder.h"
#include "worker/receive/held_packets.h"
#include "worker/receive/publisher_clock.h"
#include "worker/receive/ssrc_binder.h"
#include "worker/room/media_source.h"
#include "worker/room/outlet.h"
#include "worker/room/parameters.h"
#include "worker/room/room_environment.h"
#include "worker/room/room_events.h"
#include "worker/room/track_table.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::mediaroom {

// The receiving half of one transport: which stream each packet belongs to, and everything the
// publisher is told in return (reports, NACK, key frame requests, transport-wide feedback).
//
// Owns the sources of the transport's media sections. Lives on its room's media thread.
class PublisherStreams {
 public:
  PublisherStreams(ParticipantHandle publisher, const AudioLevelOptions& audio_levels,
                   const RoomEnvironment& environment, TrackTable& tracks, Outlet& outlet);
  ~PublisherStreams();

  // The complete list of sections. A source ends with its section, or when that is given another
  // track. Sections without a track yet leave their packets held for a moment [RX-10].
  void Configure(Timestamp now, const std::vector<ReceiverParameters>& receivers,
                 RoomEvents& events);

  void HandleRtp(Timestamp now, Timestamp arrival, rtp::PacketRef packet, RoomEvents& events);
  void HandleSenderReport(Timestamp arrival, const rtcp::SubPacket& packet);
  void SetRoundTripTime(absl::Duration round_trip);

  // Sends what is due. To be called when NextTimeout() has come.
  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

  // Streams that ended since the last call: their SRTP state can be freed.
  std::vector<rtp::Ssrc> TakeEndedSsrcs() { return std::exchange(ended_, {}); }

 private:
  using Section = std::unique_ptr<MediaSource>;

  void EndSource(Timestamp now, MediaSource& source);
  receive::StreamReceiver* StreamFor(const receive::SsrcBinder::Binding& binding, rtp::Ssrc ssrc);
  void CountReceived(const receive::SsrcBinder::Binding& binding, size_t bytes);
  void SendReceiverReports(Timestamp now);
  void SendNacks(Timestamp now);
  void SendKeyframeRequests(Timestamp now);
  void SendTransportFeedback(Timestamp now);

  template <typename Visit>
  void ForEachStream(Visit visit) const {
    for (const Section& section : sections_) {
      section->ForEachStream([&](receive::StreamReceiver& stream) { visit(*section, stream); });
    }
  }

  const ParticipantHandle publisher_;
  const AudioLevelOptions audio_levels_;
  const RoomEnvironment& environment_;
  TrackTable& tracks_;
  Outlet& outlet_;

  std::vector<Section> sections_;  // In the binder's order.
  rtp::ExtensionMap extensions_;  // Of all sections: one id is one URI in a bundle (RFC 8843 §9.1).
  receive::SsrcBinder binder_;
  receive::HeldPackets held_;
  uint64_t counted_held_drops_ = 0;
  receive::PublisherClock clock_;
  receive::ArrivalRecorder arrivals_;
  Timestamp next_report_ = Timestamp::Never();
  std::vector<rtp::Ssrc> ended_;
  std::vector<rtp::SequenceNumber> missing_;  // Scratch.
  std::optional<rtp::Ssrc> feedback_media_;   // Any SSRC that carries transport-wide numbers.
  std::optional<absl::Duration> round_trip_;
};

}  // namespace sfu::mediaroom
