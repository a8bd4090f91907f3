#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "worker/room/outlet.h"
#include "worker/room/parameters.h"
#include "worker/room/room_environment.h"
#include "worker/room/room_events.h"
#include "worker/room/subscription.h"
#include "worker/room/track_table.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::mediaroom {

// The sending half of one transport: its subscriptions, what the subscriber says about them, and
// the sender reports it gets.
//
// Lives on its room's media thread.
class SubscriberStreams {
 public:
  SubscriberStreams(const RoomEnvironment& environment, TrackTable& tracks, Outlet& outlet);
  ~SubscriberStreams();

  // The complete list. A sender keeps the parameters it was first given for as long as it has the
  // same SSRC: starting its numbers anew under the same SRTP key would repeat nonces.
  void Configure(Timestamp now, const std::vector<SenderParameters>& senders);
  // False if no such subscription is here.
  bool SetWishes(Timestamp now, SenderHandle sender, const SubscriptionParameters& wishes);

  // Report blocks of a sender or receiver report, and feedback messages.
  void HandleReportBlocks(Timestamp now, const rtcp::ReportBlocksView& blocks);
  void HandleTransportFeedback(Timestamp now, const rtcp::SubPacket& packet);
  void HandlePayloadFeedback(Timestamp now, const rtcp::SubPacket& packet);

  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

  // Smoothed; nullopt before the first report that allows it [TX-42].
  std::optional<absl::Duration> round_trip() const { return round_trip_; }

  std::vector<rtp::Ssrc> TakeEndedSsrcs() { return std::exchange(ended_, {}); }

  template <typename Visit>
  void ForEachSubscription(Visit visit) const {
    for (const auto& [handle, subscription] : subscriptions_) {
      visit(*subscription);
    }
  }

 private:
  Subscription* FindBySsrc(rtp::Ssrc ssrc);
  void ObserveRoundTrip(absl::Duration sample);
  void End(Subscription& subscription);

  const RoomEnvironment& environment_;
  TrackTable& tracks_;
  Outlet& outlet_;
  std::map<SenderHandle, std::unique_ptr<Subscription>> subscriptions_;
  absl::flat_hash_map<rtp::Ssrc, Subscription*> by_ssrc_;
  std::optional<absl::Duration> round_trip_;
  std::vector<rtp::Ssrc> ended_;
  std::vector<rtp::SequenceNumber> missing_;  // Scratch.
};

}  // namespace sfu::mediaroom
