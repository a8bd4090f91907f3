#include "worker/room/track_table.h"

#include <algorithm>

#include "worker/room/media_source.h"
#include "worker/room/subscription.h"

namespace sfu::mediaroom {

void TrackTable::AddSource(Timestamp now, MediaSource& source) {
  Track& track = tracks_[source.track()];
  track.sources.push_back(&source);
  source.SetMuted(track.muted);
  for (Subscription* const subscription : track.subscriptions) {
    AttachIfPossible(now, track, *subscription);
  }
}

void TrackTable::RemoveSource(Timestamp now, MediaSource& source) {
  Track& track = tracks_[source.track()];
  std::erase(track.sources, &source);
  for (Subscription* const subscription : track.subscriptions) {
    if (subscription->source() == &source) {
      source.RemoveSubscription(*subscription);
      subscription->Detach();
      AttachIfPossible(now, track, *subscription);
    }
  }
  if (track.sources.empty()) {
    track.muted = false;  // The track has ended, and handles are never reused.
  }
  ForgetIfUnused(source.track());
}

void TrackTable::AddSubscription(Timestamp now, Subscription& subscription) {
  Track& track = tracks_[subscription.parameters().track];
  track.subscriptions.push_back(&subscription);
  AttachIfPossible(now, track, subscription);
}

void TrackTable::RemoveSubscription(Subscription& subscription) {
  if (subscription.source() != nullptr) {
    subscription.source()->RemoveSubscription(subscription);
    subscription.Detach();
  }
  std::erase(tracks_[subscription.parameters().track].subscriptions, &subscription);
  ForgetIfUnused(subscription.parameters().track);
}

void TrackTable::SetMuted(TrackHandle handle, bool muted) {
  Track& track = tracks_[handle];
  track.muted = muted;
  for (MediaSource* const source : track.sources) {
    source->SetMuted(muted);
  }
  ForgetIfUnused(handle);
}

void TrackTable::AttachIfPossible(Timestamp now, const Track& track, Subscription& subscription) {
  if (subscription.source() != nullptr) {
    return;
  }
  for (MediaSource* const source : track.sources) {
    if (source->Feeds(subscription)) {
      source->AddSubscription(subscription);
      subscription.Attach(now, *source);
      return;
    }
  }
}

// A mute may precede its track, so a muted one is kept until it has come and gone.
void TrackTable::ForgetIfUnused(TrackHandle handle) {
  const auto track = tracks_.find(handle);
  if (track != tracks_.end() && track->second.sources.empty() &&
      track->second.subscriptions.empty() && !track->second.muted) {
    tracks_.erase(track);
  }
}

}  // namespace sfu::mediaroom
