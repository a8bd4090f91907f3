#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "worker/forward/source_view.h"
#include "worker/receive/audio_level.h"
#include "worker/receive/stream_receiver.h"
#include "worker/room/outlet.h"
#include "worker/room/parameters.h"
#include "worker/room/quality_score.h"
#include "worker/room/room_events.h"

namespace sfu::mediaroom {

class Subscription;

// One published track in one codec: the receivers of its encodings, and the subscriptions that get
// its packets. Comes from one media section of its publisher and ends with it.
//
// Lives on its room's media thread. Subscriptions register themselves through the track table,
// which detaches them before the source ends.
class MediaSource : public forward::SourceView {
 public:
  static constexpr size_t kMaxEncodings = 3;

  // Precondition: `parameters.track` is set. `outlet` is the publisher's.
  MediaSource(ParticipantHandle publisher, const ReceiverParameters& parameters,
              const AudioLevelOptions& audio_levels, Outlet& outlet);

  TrackHandle track() const { return *parameters_.track; }
  ParticipantHandle publisher() const { return publisher_; }
  const ReceiverParameters& parameters() const { return parameters_; }
  // The track and mid stay; the rest is as the latest description says. Streams go on.
  void Reconfigure(const ReceiverParameters& parameters);
  // Whether the section can carry any codec that the subscription takes.
  bool Feeds(const Subscription& subscription) const;

  // --- Receiving.

  // The receiver of an encoding; nullptr before its first packet.
  receive::StreamReceiver* stream(uint8_t layer) { return streams_[layer].get(); }
  // The encoding comes with `ssrc` from now on: a new receiver takes the place of another's.
  receive::StreamReceiver& BindStream(uint8_t layer, rtp::Ssrc ssrc);
  receive::StreamReceiver* StreamOf(rtp::Ssrc ssrc);
  template <typename Visit>
  void ForEachStream(Visit visit) {
    for (const std::unique_ptr<receive::StreamReceiver>& stream : streams_) {
      if (stream != nullptr) {
        visit(*stream);
      }
    }
  }

  // Offers a packet of this source to whoever wants its encoding.
  void Deliver(Timestamp now, const rtp::MediaPacket& packet, RoomEvents& events);

  void WantKeyframe(Timestamp now, uint8_t layer);
  void SetRoundTripTime(absl::Duration round_trip);

  void SetMuted(bool muted);
  bool muted() const { return muted_; }

  // --- Subscriptions. The list is bounded by the room's size.

  void AddSubscription(Subscription& subscription);
  void RemoveSubscription(Subscription& subscription);
  const std::vector<Subscription*>& subscriptions() const { return subscriptions_; }

  // --- Periodic.

  // Tells subscriptions which encodings are alive, and receivers which are consumed [RX-34].
  void UpdateLayers(Timestamp now);
  double Loudness(Timestamp now) const;  // Linear; 0 for what does not count as a speaker.
  StreamWindow TakeWindow();             // Of all encodings together, since the last call.
  QualityScore& quality() { return quality_; }

  // --- forward::SourceView.

  const rtp::MediaPacket* Find(uint8_t layer, int64_t sequence) const override;
  const rtp::SourceClock* Clock(uint8_t layer) const override;
  uint8_t encoding_count() const override {
    return static_cast<uint8_t>(parameters_.encodings.size());
  }

 private:
  const ParticipantHandle publisher_;
  ReceiverParameters parameters_;
  Outlet& outlet_;
  std::array<std::unique_ptr<receive::StreamReceiver>, kMaxEncodings> streams_;
  std::vector<Subscription*> subscriptions_;
  receive::AudioLevel audio_level_;
  std::optional<absl::Duration> round_trip_;
  bool muted_ = false;
  bool started_ = false;

  QualityScore quality_;
  int64_t reported_expected_ = 0;
  int64_t reported_lost_ = 0;
  uint64_t reported_out_of_order_ = 0;
};

}  // namespace sfu::mediaroom
