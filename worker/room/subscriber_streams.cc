#include "worker/room/subscriber_streams.h"

#include <algorithm>
#include <utility>

#include "worker/rtcp/full_intra_request.h"
#include "worker/rtcp/nack.h"
#include "worker/rtcp/picture_loss.h"
#include "worker/rtcp/report_block.h"

namespace sfu::mediaroom {

SubscriberStreams::SubscriberStreams(const RoomEnvironment& environment, TrackTable& tracks,
                                     Outlet& outlet)
    : environment_(environment), tracks_(tracks), outlet_(outlet) {}

SubscriberStreams::~SubscriberStreams() {
  for (const auto& [handle, subscription] : subscriptions_) {
    tracks_.RemoveSubscription(*subscription);
  }
}

void SubscriberStreams::Configure(Timestamp now, const std::vector<SenderParameters>& senders) {
  std::map<SenderHandle, std::unique_ptr<Subscription>> before = std::move(subscriptions_);
  subscriptions_.clear();
  by_ssrc_.clear();
  std::vector<Subscription*> created;
  for (const SenderParameters& sender : senders) {
    const auto same = before.find(sender.sender);
    if (same != before.end() && same->second->parameters().ssrc == sender.ssrc) {
      by_ssrc_[sender.ssrc] = same->second.get();
      subscriptions_.insert(before.extract(same));
      continue;
    }
    auto subscription =
        std::make_unique<Subscription>(sender, environment_.transport.random, outlet_);
    by_ssrc_[sender.ssrc] = subscription.get();
    created.push_back(subscription.get());
    subscriptions_.insert_or_assign(sender.sender, std::move(subscription));
  }
  for (const auto& [handle, subscription] : before) {
    End(*subscription);
  }
  for (Subscription* const subscription : created) {
    tracks_.AddSubscription(now, *subscription);
  }
}

void SubscriberStreams::End(Subscription& subscription) {
  tracks_.RemoveSubscription(subscription);
  const SenderParameters& parameters = subscription.parameters();
  ended_.push_back(parameters.ssrc);
  if (parameters.rtx_ssrc) {
    ended_.push_back(*parameters.rtx_ssrc);
  }
}

bool SubscriberStreams::SetWishes(Timestamp now, SenderHandle sender,
                                  const SubscriptionParameters& wishes) {
  const auto subscription = subscriptions_.find(sender);
  if (subscription == subscriptions_.end()) {
    return false;
  }
  subscription->second->SetWishes(now, wishes);
  return true;
}

void SubscriberStreams::HandleReportBlocks(Timestamp now, const rtcp::ReportBlocksView& blocks) {
  const uint32_t now_compact = rtcp::CompactNtp(environment_.ntp.At(now));
  for (size_t i = 0; i < blocks.size(); ++i) {
    const rtcp::ReportBlock block = blocks[i];
    Subscription* const subscription = FindBySsrc(block.source);
    if (subscription == nullptr) {
      continue;  // About an RTX stream, or one that has just ended.
    }
    const std::optional<absl::Duration> sample =
        rtcp::RoundTripTime(now_compact, block.last_sender_report, block.delay_since_sender_report);
    if (sample) {
      ObserveRoundTrip(*sample);
    }
    subscription->HandleReport(block, round_trip_);
  }
}

void SubscriberStreams::HandleTransportFeedback(Timestamp now, const rtcp::SubPacket& packet) {
  // Transport-wide feedback docks here with congestion control; until then only NACK is read.
  const std::optional<rtcp::NackView> nack = rtcp::NackView::Parse(packet);
  if (!nack) {
    return;
  }
  Subscription* const subscription = FindBySsrc(nack->media());
  if (subscription == nullptr) {
    environment_.counters.dropped_unknown_feedback.Add();
    return;
  }
  missing_.clear();
  nack->ForEach([this](rtp::SequenceNumber sequence) { missing_.push_back(sequence); });
  environment_.counters.nacks_received.Add(missing_.size());
  environment_.counters.retransmissions_sent.Add(subscription->HandleNack(now, missing_));
}

void SubscriberStreams::HandlePayloadFeedback(Timestamp now, const rtcp::SubPacket& packet) {
  if (const auto loss = rtcp::PictureLoss::Parse(packet)) {
    environment_.counters.picture_losses_received.Add();
    if (Subscription* const subscription = FindBySsrc(loss->media)) {
      subscription->HandlePictureLoss(now);
    }
  } else if (const auto request = rtcp::FullIntraRequestView::Parse(packet)) {
    environment_.counters.intra_requests_received.Add();
    for (size_t i = 0; i < request->size(); ++i) {
      if (Subscription* const subscription = FindBySsrc((*request)[i].media)) {
        subscription->HandlePictureLoss(now);
      }
    }
  }
}

void SubscriberStreams::HandleTimeout(Timestamp now) {
  for (const auto& [handle, subscription] : subscriptions_) {
    if (subscription->NextTimeout() <= now) {
      subscription->SendReport(now, environment_.ntp.At(now));
    }
  }
}

Timestamp SubscriberStreams::NextTimeout() const {
  Timestamp next = Timestamp::Never();
  for (const auto& [handle, subscription] : subscriptions_) {
    next = std::min(next, subscription->NextTimeout());
  }
  return next;
}

Subscription* SubscriberStreams::FindBySsrc(rtp::Ssrc ssrc) {
  const auto subscription = by_ssrc_.find(ssrc);
  return subscription == by_ssrc_.end() ? nullptr : subscription->second;
}

void SubscriberStreams::ObserveRoundTrip(absl::Duration sample) {
  round_trip_ = round_trip_ ? (*round_trip_ + sample) / 2 : sample;
}

}  // namespace sfu::mediaroom
