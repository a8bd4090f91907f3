#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "common/time/timestamp.h"
#include "controller/room/ids.h"
#include "proto/livekit/rtc.pb.h"

namespace sfu::room {

// What one participant has asked for about one track, and what came of it.
struct Subscription {
  enum class Wish { kNone, kWanted, kUnwanted };
  Wish wish = Wish::kNone;
  bool wished_by_api = false;  // By somebody else than the client, which does not know.
  std::optional<livekit::UpdateTrackSettings> settings;  // May come before all else.
  bool refused = false;                                  // Its client cannot decode it.
  std::optional<bool> told_allowed;  // What it was last told of the publisher's permission.
  std::optional<SenderHandle> sender;
  bool active = false;  // Media has been sent.
};

// One participant's subscriptions by track SID, present and future tracks alike.
class Subscriptions {
 public:
  static constexpr size_t kMaxEntries = 10'000;

  Subscription* Find(std::string_view track_sid);
  // Null when there is no room for another.
  Subscription* FindOrAdd(std::string_view track_sid);
  void Erase(std::string_view track_sid);  // Precondition: it has no sender.

  // The sender of `subscription` exists from now on, or no more.
  void Start(Subscription& subscription, SenderHandle sender, ParticipantHandle publisher);
  void Stop(Subscription& subscription, ParticipantHandle publisher);

  // Whether anything of that publisher is being received.
  bool Watches(ParticipantHandle publisher) const { return watched_.contains(publisher); }

  // SID and subscription of that sender.
  std::optional<std::pair<std::string, Subscription*>> FindBySender(SenderHandle sender);
  std::vector<std::string> TrackSids() const;
  uint64_t dropped() const { return dropped_; }

  // Tracks asked for that nobody publishes are given up 60 s later (signaling contract,
  // section 4.4).
  void NoteMissing(Timestamp now, std::string_view track_sid);
  std::vector<std::string> TakeOverdue(Timestamp now);
  Timestamp NextTimeout() const {
    return missing_.empty() ? Timestamp::Never() : missing_.front().first;
  }

 private:
  std::map<std::string, Subscription, std::less<>> subscriptions_;
  absl::flat_hash_map<ParticipantHandle, int> watched_;  // Senders per publisher.
  std::deque<std::pair<Timestamp, std::string>> missing_;
  uint64_t dropped_ = 0;
};

}  // namespace sfu::room
