#pragma once

#include <map>
#include <vector>

#include "common/time/timestamp.h"
#include "worker/room/handles.h"

namespace sfu::mediaroom {

class MediaSource;
class Subscription;

// Joins what is published with who subscribed to it, in whichever order the two appear. A track may
// have several sources, one per codec; a subscription is attached to the first that it can take.
//
// Knows sources and subscriptions but owns neither: both must be removed before they end. Lives on
// its room's media thread.
class TrackTable {
 public:
  void AddSource(Timestamp now, MediaSource& source);
  void RemoveSource(Timestamp now, MediaSource& source);

  void AddSubscription(Timestamp now, Subscription& subscription);
  void RemoveSubscription(Subscription& subscription);

  // Remembered for sources that come later.
  void SetMuted(TrackHandle track, bool muted);

  template <typename Visit>
  void ForEachSource(Visit visit) const {
    for (const auto& [handle, track] : tracks_) {
      for (MediaSource* const source : track.sources) {
        visit(*source);
      }
    }
  }

 private:
  struct Track {
    std::vector<MediaSource*> sources;
    std::vector<Subscription*> subscriptions;
    bool muted = false;
  };

  static void AttachIfPossible(Timestamp now, const Track& track, Subscription& subscription);
  void ForgetIfUnused(TrackHandle handle);

  std::map<TrackHandle, Track> tracks_;
};

}  // namespace sfu::mediaroom
