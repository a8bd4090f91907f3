#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <absl/types/span.h>

#include "common/base/random.h"
#include "worker/forward/forwarder.h"
#include "worker/room/outlet.h"
#include "worker/room/parameters.h"
#include "worker/room/quality_score.h"
#include "worker/room/room_events.h"
#include "worker/rtcp/report_block.h"

namespace sfu::mediaroom {

class MediaSource;

// One published track sent to one subscriber: a forwarder, the source it is attached to at the
// moment, and the outlet its packets leave by. The forwarder outlives its sources, so that what the
// subscriber sees of one SSRC is one stream whatever happens at the publisher's end.
//
// Lives on its room's media thread.
class Subscription : private forward::SourceView {
 public:
  Subscription(const SenderParameters& parameters, Random& random, Outlet& outlet);

  const SenderParameters& parameters() const { return parameters_; }
  bool Takes(rtp::Codec codec) const;

  // At most one source at a time. Detach() forgets it and sends nothing more.
  void Attach(Timestamp now, MediaSource& source);
  void Detach() { source_ = nullptr; }
  MediaSource* source() const { return source_; }

  void SetWishes(Timestamp now, const SubscriptionParameters& wishes);
  void SetSourceMuted(bool muted) { forwarder_.SetSourceMuted(muted); }
  void SetLiveLayers(uint8_t mask) { forwarder_.SetLiveLayers(mask); }

  bool WantsLayer(uint8_t layer) const { return (forwarder_.wanted_layers() >> layer & 1) != 0; }
  void HandlePacket(Timestamp now, const rtp::MediaPacket& packet, RoomEvents& events);

  // Feedback from the subscriber about our SSRC.
  void HandleReport(const rtcp::ReportBlock& block, std::optional<absl::Duration> round_trip);
  size_t HandleNack(Timestamp now, absl::Span<const rtp::SequenceNumber> missing);
  void HandlePictureLoss(Timestamp now);

  Timestamp NextTimeout() const { return forwarder_.NextTimeout(); }
  // Sends a sender report if one is due.
  void SendReport(Timestamp now, uint64_t ntp);

  // What the subscriber's reports said since the last call, for the quality score.
  StreamWindow TakeWindow(absl::Duration round_trip);
  QualityScore& quality() { return quality_; }

 private:
  const rtp::MediaPacket* Find(uint8_t layer, int64_t sequence) const override;
  const rtp::SourceClock* Clock(uint8_t layer) const override;
  uint8_t encoding_count() const override;

  void RequestKeyframe(Timestamp now);
  void Replay(Timestamp now);

  const SenderParameters parameters_;
  Outlet& outlet_;
  MediaSource* source_ = nullptr;
  forward::Forwarder forwarder_;
  bool started_ = false;
  std::vector<rtp::OutgoingPacket> retransmissions_;  // Scratch.

  QualityScore quality_;
  uint64_t reported_packets_ = 0;
  int32_t reported_lost_ = 0;
  int32_t cumulative_lost_ = 0;
  uint32_t jitter_ticks_ = 0;
};

}  // namespace sfu::mediaroom
