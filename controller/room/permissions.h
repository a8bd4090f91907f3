#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "common/auth/grants.h"
#include "proto/livekit/rtc.pb.h"

// What a participant may do, and whom a publisher lets see its tracks.
namespace sfu::room {

// The rights a token grants (signaling contract, section 2.3).
livekit::ParticipantPermission PermissionOf(const auth::VideoGrant& grant);

// The opposite, after the server API changed a permission: what a refresh token must grant.
void ApplyPermission(const livekit::ParticipantPermission& permission, auth::VideoGrant& grant);

bool MayPublish(const livekit::ParticipantPermission& permission, livekit::TrackSource source);

// "standard", "agent", ...; unknown and empty are STANDARD.
livekit::ParticipantInfo::Kind KindFromClaim(std::string_view kind);

// Counts neither as a participant nor as a reason to keep a room (section 2.3).
bool IsDependent(livekit::ParticipantInfo::Kind kind, const auth::VideoGrant& grant);

// Who may subscribe to one publisher's tracks; everybody until it says otherwise (section 4.6).
class SubscriptionPermissions {
 public:
  static constexpr int kMaxEntries = 10'000;

  // Replaces the rules. Returns false, changing nothing, when there are too many.
  bool Replace(const livekit::SubscriptionPermission& permission);

  bool Allows(std::string_view subscriber_identity, std::string_view subscriber_sid,
              std::string_view track_sid) const;

 private:
  struct Rule {
    bool all_tracks = false;
    std::set<std::string, std::less<>> track_sids;
  };
  using Rules = std::map<std::string, Rule, std::less<>>;

  static bool Allows(const Rules& rules, std::string_view name, std::string_view track_sid);

  bool everybody_ = true;
  Rules by_identity_;
  Rules by_sid_;  // Only where the publisher gave no identity.
};

}  // namespace sfu::room
