#include "controller/room/permissions.h"

#include <algorithm>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

namespace sfu::room {
namespace {

constexpr std::pair<std::string_view, livekit::TrackSource> kSources[] = {
    {"unknown", livekit::UNKNOWN},
    {"camera", livekit::CAMERA},
    {"microphone", livekit::MICROPHONE},
    {"screen_share", livekit::SCREEN_SHARE},
    {"screen_share_audio", livekit::SCREEN_SHARE_AUDIO},
};

}  // namespace

livekit::ParticipantPermission PermissionOf(const auth::VideoGrant& grant) {
  livekit::ParticipantPermission permission;
  permission.set_can_subscribe(grant.CanSubscribe());
  permission.set_can_publish(grant.CanPublish());
  permission.set_can_publish_data(grant.CanPublishData());
  for (const std::string& name : grant.can_publish_sources) {
    for (const auto& [source_name, source] : kSources) {
      if (name == source_name) {
        permission.add_can_publish_sources(source);
      }
    }
  }
  permission.set_hidden(grant.hidden);
  permission.set_recorder(grant.recorder);
  permission.set_can_update_metadata(grant.CanUpdateOwnMetadata());
  permission.set_agent(grant.agent);
  permission.set_can_subscribe_metrics(grant.CanSubscribeMetrics());
  permission.set_can_manage_agent_session(grant.CanManageAgentSession());
  return permission;
}

void ApplyPermission(const livekit::ParticipantPermission& permission, auth::VideoGrant& grant) {
  grant.can_subscribe = permission.can_subscribe();
  grant.can_publish = permission.can_publish();
  grant.can_publish_data = permission.can_publish_data();
  grant.can_publish_sources.clear();
  for (const int allowed : permission.can_publish_sources()) {
    for (const auto& [name, source] : kSources) {
      if (source == allowed) {
        grant.can_publish_sources.emplace_back(name);
      }
    }
  }
  grant.hidden = permission.hidden();
  grant.can_update_own_metadata = permission.can_update_metadata();
  grant.can_subscribe_metrics = permission.can_subscribe_metrics();
  grant.can_manage_agent_session = permission.can_manage_agent_session();
}

bool MayPublish(const livekit::ParticipantPermission& permission, livekit::TrackSource source) {
  const auto& sources = permission.can_publish_sources();
  return permission.can_publish() &&
         (sources.empty() || std::find(sources.begin(), sources.end(), source) != sources.end());
}

livekit::ParticipantInfo::Kind KindFromClaim(std::string_view kind) {
  livekit::ParticipantInfo::Kind parsed = livekit::ParticipantInfo::STANDARD;
  livekit::ParticipantInfo::Kind_Parse(absl::AsciiStrToUpper({kind.data(), kind.size()}), &parsed);
  return parsed;
}

bool IsDependent(livekit::ParticipantInfo::Kind kind, const auth::VideoGrant& grant) {
  return kind == livekit::ParticipantInfo::AGENT || kind == livekit::ParticipantInfo::EGRESS ||
         grant.agent || grant.recorder;
}

bool SubscriptionPermissions::Replace(const livekit::SubscriptionPermission& permission) {
  int entries = permission.track_permissions_size();
  for (const livekit::TrackPermission& rule : permission.track_permissions()) {
    entries += rule.track_sids_size();
  }
  if (entries > kMaxEntries) {
    return false;
  }
  everybody_ = permission.all_participants();
  by_identity_.clear();
  by_sid_.clear();
  for (const livekit::TrackPermission& allowed : permission.track_permissions()) {
    Rule& rule = allowed.participant_identity().empty()
                     ? by_sid_[allowed.participant_sid()]
                     : by_identity_[allowed.participant_identity()];
    rule.all_tracks = rule.all_tracks || allowed.all_tracks();
    rule.track_sids.insert(allowed.track_sids().begin(), allowed.track_sids().end());
  }
  return true;
}

bool SubscriptionPermissions::Allows(const Rules& rules, std::string_view name,
                                     std::string_view track_sid) {
  const auto rule = rules.find(name);
  return rule != rules.end() &&
         (rule->second.all_tracks || rule->second.track_sids.contains(track_sid));
}

bool SubscriptionPermissions::Allows(std::string_view subscriber_identity,
                                     std::string_view subscriber_sid,
                                     std::string_view track_sid) const {
  return everybody_ || Allows(by_identity_, subscriber_identity, track_sid) ||
         Allows(by_sid_, subscriber_sid, track_sid);
}

}  // namespace sfu::room
