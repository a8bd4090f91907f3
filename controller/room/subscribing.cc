#include "controller/room/subscribing.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "controller/room/client_traits.h"
#include "controller/room/track_info.h"

namespace sfu::room {
namespace {

using Wish = Subscription::Wish;

// Recorders see everything, whatever a publisher says.
bool IsExempt(const Participant& participant) {
  return participant.recorder() || participant.kind() == livekit::ParticipantInfo::EGRESS;
}

negotiation::SentTrack DescribeSender(const Member& subscriber, const Member& publisher,
                                      const Track& track, SenderHandle sender, bool sync_streams) {
  negotiation::SentTrack sent;
  sent.sender = sender.value();
  sent.track = track.handle.value();
  sent.track_sid = track.info.sid();
  sent.participant_sid = publisher.participant.sid();
  if (sync_streams && SupportsSyncStreams(subscriber.participant.client())) {
    sent.sync_stream = track.info.stream();
  }
  sent.kind = track.info.type() == livekit::AUDIO ? worker::v1::MEDIA_KIND_AUDIO
                                                  : worker::v1::MEDIA_KIND_VIDEO;
  sent.codecs = track.codecs;
  sent.stereo = HasFeature(track.info, livekit::TF_STEREO);
  return sent;
}

std::set<std::string> SidsOf(const livekit::UpdateSubscription& update) {
  std::set<std::string> sids(update.track_sids().begin(), update.track_sids().end());
  for (const livekit::ParticipantTracks& tracks : update.participant_tracks()) {
    sids.insert(tracks.track_sids().begin(), tracks.track_sids().end());
  }
  return sids;
}

// The temporal layer that a frame rate below 30 leaves: each one down halves it.
uint32_t TemporalLayerFor(uint32_t fps) {
  if (fps == 0 || fps > 15) {
    return 3;
  }
  return fps > 7 ? 1 : 0;
}

}  // namespace

void Subscribing::HandleTrackLive(Timestamp now, Member& publisher, Track& track) {
  for (const auto& [handle, subscriber] : state_.members) {
    if (subscriber.get() == &publisher) {
      continue;
    }
    Subscription* subscription = subscriber->subscriptions.Find(track.info.sid());
    const bool automatic =
        subscriber->auto_subscribe && subscriber->active() && !publisher.participant.hidden();
    if (automatic && (subscription == nullptr || subscription->wish == Wish::kNone)) {
      subscription = subscriber->subscriptions.FindOrAdd(track.info.sid());
      if (subscription != nullptr) {
        subscription->wish = Wish::kWanted;
      }
    }
    if (subscription != nullptr) {
      subscription->refused = false;  // Perhaps it can decode the codec that came now.
      Evaluate(now, *subscriber, publisher, track);
    }
  }
}

void Subscribing::HandleTrackEnded(Timestamp now, const Member& publisher, const Track& track) {
  for (const auto& [handle, subscriber] : state_.members) {
    if (Subscription* subscription = subscriber->subscriptions.Find(track.info.sid())) {
      Stop(now, *subscriber, *subscription, publisher.handle());
      subscriber->subscriptions.Erase(track.info.sid());
    }
  }
}

void Subscribing::HandleUnmuted(Member& publisher, Track& track) {
  if (track.qualities_told) {
    SendQualities(publisher, track);
  }
}

void Subscribing::SubscribeToAll(Timestamp now, Member& subscriber) {
  for (const auto& [handle, publisher] : state_.members) {
    if (publisher.get() == &subscriber) {
      continue;
    }
    for (const auto& track : publisher->tracks.tracks()) {
      if (!track->live) {
        continue;
      }
      Subscription* subscription = subscriber.subscriptions.FindOrAdd(track->info.sid());
      if (subscription == nullptr) {
        return;
      }
      if (subscription->wish == Wish::kNone && subscriber.auto_subscribe) {
        subscription->wish = Wish::kWanted;
      }
      Evaluate(now, subscriber, *publisher, *track);
    }
  }
}

void Subscribing::HandleUpdate(Timestamp now, Member& subscriber,
                               const livekit::UpdateSubscription& update, bool by_api) {
  for (const std::string& sid : SidsOf(update)) {
    SetWanted(now, subscriber, sid, update.subscribe(), by_api);
  }
}

void Subscribing::HandleState(Timestamp now, Member& subscriber,
                              const livekit::UpdateSubscription& listed) {
  HandleUpdate(now, subscriber, listed);
  if (listed.subscribe() == subscriber.auto_subscribe) {
    return;  // Not the list that was meant.
  }
  const std::set<std::string> sids = SidsOf(listed);
  const Wish differing = listed.subscribe() ? Wish::kWanted : Wish::kUnwanted;
  for (const std::string& sid : subscriber.subscriptions.TrackSids()) {
    const Subscription& subscription = *subscriber.subscriptions.Find(sid);
    if (subscription.wish == differing && !subscription.wished_by_api && !sids.contains(sid)) {
      SetWanted(now, subscriber, sid, subscriber.auto_subscribe, /*by_api=*/false);
    }
  }
}

void Subscribing::SetWanted(Timestamp now, Member& subscriber, const std::string& track_sid,
                            bool wanted, bool by_api) {
  Subscription* subscription = subscriber.subscriptions.FindOrAdd(track_sid);
  if (subscription == nullptr) {
    return;
  }
  subscription->wished_by_api = by_api;
  if (wanted) {
    Want(now, subscriber, track_sid);
    return;
  }
  subscription->wish = Wish::kUnwanted;
  if (const Member* publisher = state_.members.FindPublisher(track_sid)) {
    Stop(now, subscriber, *subscription, publisher->handle());
  }
}

void Subscribing::Want(Timestamp now, Member& subscriber, const std::string& track_sid) {
  Subscription* subscription = subscriber.subscriptions.FindOrAdd(track_sid);
  if (subscription == nullptr) {
    return;
  }
  const bool news = subscription->wish != Wish::kWanted;
  subscription->wish = Wish::kWanted;
  Member* publisher = state_.members.FindPublisher(track_sid);
  if (publisher == nullptr) {
    if (news) {
      subscriber.subscriptions.NoteMissing(now, track_sid);
    }
    return;
  }
  if (publisher != &subscriber) {
    Evaluate(now, subscriber, *publisher, *publisher->tracks.Find(track_sid));
  }
}

void Subscribing::HandleSettings(Member& subscriber, const livekit::UpdateTrackSettings& settings) {
  for (const std::string& sid : settings.track_sids()) {
    Subscription* subscription = subscriber.subscriptions.FindOrAdd(sid);
    if (subscription == nullptr) {
      return;
    }
    livekit::UpdateTrackSettings& kept = subscription->settings.emplace(settings);
    kept.clear_track_sids();
    ConfigureIfSent(subscriber, sid, *subscription);
  }
}

void Subscribing::HandleDisabled(
    Member& subscriber, const google::protobuf::RepeatedPtrField<std::string>& track_sids) {
  for (const std::string& sid : track_sids) {
    Subscription* subscription = subscriber.subscriptions.FindOrAdd(sid);
    if (subscription == nullptr) {
      return;
    }
    if (!subscription->settings) {
      subscription->settings.emplace().set_quality(livekit::HIGH);
    }
    if (!subscription->settings->disabled()) {
      subscription->settings->set_disabled(true);
      ConfigureIfSent(subscriber, sid, *subscription);
    }
  }
}

void Subscribing::ConfigureIfSent(const Member& subscriber, std::string_view track_sid,
                                  const Subscription& subscription) {
  Member* publisher = state_.members.FindPublisher(track_sid);
  if (subscription.sender && publisher != nullptr) {
    Configure(subscriber, publisher->tracks.Find(track_sid)->info, subscription);
  }
}

void Subscribing::HandleViewersChanged(Timestamp now, Member& publisher) {
  for (const auto& [handle, subscriber] : state_.members) {
    for (const auto& track : publisher.tracks.tracks()) {
      if (track->live && subscriber->subscriptions.Find(track->info.sid()) != nullptr) {
        Evaluate(now, *subscriber, publisher, *track);
      }
    }
  }
}

void Subscribing::HandleRightsChanged(Timestamp now, Member& subscriber) {
  SubscribeToAll(now, subscriber);
}

void Subscribing::HandleResumed(Timestamp now, Member& member) {
  for (const std::string& sid : member.subscriptions.TrackSids()) {
    if (Member* publisher = state_.members.FindPublisher(sid); publisher != nullptr) {
      Evaluate(now, member, *publisher, *publisher->tracks.Find(sid));
    }
  }
  for (const auto& track : member.tracks.tracks()) {
    if (track->qualities_told) {
      SendQualities(member, *track);
    }
  }
}

void Subscribing::Evaluate(Timestamp now, Member& subscriber, Member& publisher, Track& track) {
  Subscription* subscription = subscriber.subscriptions.Find(track.info.sid());
  if (subscription == nullptr || subscription->wish != Wish::kWanted || subscription->refused) {
    return;
  }
  if (!MayReceive(subscriber, publisher, track, *subscription)) {
    Stop(now, subscriber, *subscription, publisher.handle());
  } else if (!subscription->sender) {
    Start(now, subscriber, publisher, track, *subscription);
  }
}

bool Subscribing::MayReceive(Member& subscriber, const Member& publisher, const Track& track,
                             Subscription& subscription) {
  // Nobody knows of a hidden participant, so nobody could place its media.
  if (!subscriber.participant.permission().can_subscribe() || publisher.participant.hidden()) {
    return false;
  }
  const bool allowed = IsExempt(subscriber.participant) ||
                       publisher.viewers.Allows(subscriber.participant.identity(),
                                                subscriber.participant.sid(), track.info.sid());
  if (subscription.told_allowed != allowed && subscriber.signal.connected()) {
    subscription.told_allowed = allowed;
    livekit::SignalResponse response;
    livekit::SubscriptionPermissionUpdate& update =
        *response.mutable_subscription_permission_update();
    update.set_participant_sid(publisher.participant.sid());
    update.set_track_sid(track.info.sid());
    update.set_allowed(allowed);
    subscriber.signal.Send(std::move(response));
  }
  return allowed;
}

void Subscribing::Start(Timestamp now, Member& subscriber, Member& publisher, Track& track,
                        Subscription& subscription) {
  const SenderHandle sender = subscriber.handles.NextSender();
  if (!subscriber.media.AddSender(
          now, DescribeSender(subscriber, publisher, track, sender, state_.info.sync_streams()))) {
    Refuse(subscriber, track.info.sid(), subscription);
    return;
  }
  subscriber.subscriptions.Start(subscription, sender, publisher.handle());
  Configure(subscriber, track.info, subscription);
  if (!track.qualities_told) {
    track.qualities_told = true;
    SendQualities(publisher, track);
  }
}

void Subscribing::Stop(Timestamp now, Member& subscriber, Subscription& subscription,
                       ParticipantHandle publisher) {
  if (subscription.sender) {
    subscriber.media.RemoveSender(now, subscription.sender->value());
    subscriber.subscriptions.Stop(subscription, publisher);
  }
}

void Subscribing::Refuse(Member& subscriber, std::string_view track_sid,
                         Subscription& subscription) {
  subscription.refused = true;
  livekit::SignalResponse response;
  response.mutable_subscription_response()->set_track_sid(track_sid.data(), track_sid.size());
  response.mutable_subscription_response()->set_err(livekit::SE_CODEC_UNSUPPORTED);
  subscriber.signal.Send(std::move(response));
}

void Subscribing::TakeRefusals(Timestamp now, Member& subscriber) {
  for (const uint64_t sender : subscriber.media.TakeRefusedSenders()) {
    const auto found = subscriber.subscriptions.FindBySender(SenderHandle(sender));
    const Member* publisher = found ? state_.members.FindPublisher(found->first) : nullptr;
    if (publisher != nullptr) {
      Stop(now, subscriber, *found->second, publisher->handle());
      Refuse(subscriber, found->first, *found->second);
    }
  }
}

void Subscribing::Configure(const Member& subscriber, const livekit::TrackInfo& track,
                            const Subscription& subscription) {
  worker::v1::RoomCommand command;
  worker::v1::ConfigureSubscription& configure = *command.mutable_configure_subscription();
  configure.set_sender(subscription.sender->value());
  configure.set_max_spatial_layer(2);
  configure.set_max_temporal_layer(3);
  const bool video = track.type() == livekit::VIDEO;
  if (subscription.settings) {
    const livekit::UpdateTrackSettings& settings = *subscription.settings;
    configure.set_disabled(settings.disabled() ||
                           (video && settings.width() == 0 && settings.quality() == livekit::OFF));
    if (video) {
      configure.set_max_spatial_layer(
          SpatialLayerFor(track, settings.quality(), settings.width(), settings.height()));
      configure.set_max_temporal_layer(TemporalLayerFor(settings.fps()));
    }
  } else if (video && subscriber.adaptive_stream) {
    // The client is about to say how large it shows this.
    configure.set_max_spatial_layer(0);
  }
  state_.worker.Send(std::move(command));
}

void Subscribing::SendQualities(Member& publisher, Track& track) {
  if (track.info.type() != livekit::VIDEO || track.info.muted()) {
    return;
  }
  if (std::optional<livekit::SubscribedQualityUpdate> update = EverythingSubscribed(track.info)) {
    livekit::SignalResponse response;
    *response.mutable_subscribed_quality_update() = std::move(*update);
    publisher.signal.Send(std::move(response));
  }
}

void Subscribing::HandleActive(SenderHandle sender) {
  Member* subscriber = state_.members.Find(OwnerOf(sender.value()));
  if (subscriber == nullptr) {
    return;
  }
  const auto found = subscriber->subscriptions.FindBySender(sender);
  Member* publisher = found ? state_.members.FindPublisher(found->first) : nullptr;
  if (publisher == nullptr || found->second->active) {
    return;
  }
  found->second->active = true;
  state_.speakers.SendCurrent(*publisher, *subscriber);
  state_.qualities.SendCurrent(*publisher, *subscriber);
  Track& track = *publisher->tracks.Find(found->first);
  if (!track.first_subscriber_told && !subscriber->participant.hidden()) {
    track.first_subscriber_told = true;
    livekit::SignalResponse response;
    response.mutable_track_subscribed()->set_track_sid(track.info.sid());
    publisher->signal.Send(std::move(response));
  }
}

void Subscribing::HandleTimeout(Timestamp now) {
  for (const auto& [handle, subscriber] : state_.members) {
    for (const std::string& sid : subscriber->subscriptions.TakeOverdue(now)) {
      const Subscription* subscription = subscriber->subscriptions.Find(sid);
      if (subscription == nullptr || subscription->wish != Wish::kWanted ||
          state_.members.FindPublisher(sid) != nullptr) {
        continue;
      }
      subscriber->subscriptions.Erase(sid);
      livekit::SignalResponse response;
      response.mutable_subscription_response()->set_track_sid(sid);
      response.mutable_subscription_response()->set_err(livekit::SE_TRACK_NOTFOUND);
      subscriber->signal.Send(std::move(response));
    }
  }
}

Timestamp Subscribing::NextTimeout() const {
  Timestamp next = Timestamp::Never();
  for (const auto& [handle, subscriber] : state_.members) {
    next = std::min(next, subscriber->subscriptions.NextTimeout());
  }
  return next;
}

}  // namespace sfu::room
