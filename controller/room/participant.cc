#include "controller/room/participant.h"

#include <algorithm>
#include <utility>

#include <absl/strings/ascii.h>

#include "controller/room/permissions.h"

namespace sfu::room {
namespace {

constexpr absl::Duration kMinTokenLifetime = absl::Minutes(10);

template <typename Map>
size_t SumBytes(const Map& attributes) {
  size_t bytes = 0;
  for (const auto& [key, value] : attributes) {
    bytes += key.size() + value.size();
  }
  return bytes;
}

}  // namespace

size_t AttributeBytes(const Participant::Attributes& attributes) { return SumBytes(attributes); }
size_t AttributeBytes(const std::map<std::string, std::string>& attributes) {
  return SumBytes(attributes);
}

Participant::Participant(ParticipantHandle handle, std::string sid,
                         const JoinParameters& parameters, std::string region, absl::Time wall)
    : handle_(handle), client_(parameters.client), claims_(parameters.claims) {
  const auth::VideoGrant grant = claims_.video.value_or(auth::VideoGrant());
  info_.set_sid(std::move(sid));
  info_.set_identity(claims_.identity);
  info_.set_state(livekit::ParticipantInfo::JOINING);
  info_.set_metadata(claims_.metadata);
  info_.set_joined_at(absl::ToUnixSeconds(wall));
  info_.set_joined_at_ms(absl::ToUnixMillis(wall));
  info_.set_name(claims_.name);
  info_.set_version(1);
  *info_.mutable_permission() = PermissionOf(grant);
  info_.set_region(std::move(region));
  info_.set_kind(KindFromClaim(claims_.kind));
  for (const auto& [key, value] : claims_.attributes) {
    (*info_.mutable_attributes())[key] = value;
  }
  for (const std::string& detail : claims_.kind_details) {
    livekit::ParticipantInfo::KindDetail parsed;
    if (livekit::ParticipantInfo::KindDetail_Parse(absl::AsciiStrToUpper(detail), &parsed)) {
      info_.add_kind_details(parsed);
    }
  }
  info_.set_client_protocol(client_.client_protocol());
  *info_.mutable_capabilities() = client_.capabilities();
  dependent_ = IsDependent(info_.kind(), grant);
}

void Participant::SetState(livekit::ParticipantInfo::State state) {
  info_.set_state(state);
  NoteChange();
}

void Participant::SetDisconnected(livekit::DisconnectReason reason) {
  info_.set_disconnect_reason(reason);
  SetState(livekit::ParticipantInfo::DISCONNECTED);
}

void Participant::SetPublisher() {
  info_.set_is_publisher(true);
  NoteChange();
}

void Participant::SetPermission(const livekit::ParticipantPermission& permission) {
  // What somebody is cannot be changed by granting: a token said so once.
  const livekit::ParticipantPermission before = info_.permission();
  *info_.mutable_permission() = permission;
  info_.mutable_permission()->set_recorder(before.recorder());
  info_.mutable_permission()->set_agent(before.agent());
  if (!claims_.video) {
    claims_.video.emplace();
  }
  ApplyPermission(permission, *claims_.video);
  NoteChange();
}

Participant::ProfileRefusal Participant::UpdateProfile(const std::string& name,
                                                       const std::string& metadata,
                                                       const Attributes& attributes,
                                                       const Limits& limits) {
  if (name.size() > limits.name_bytes) {
    return ProfileRefusal::kNameTooLong;
  }
  if (metadata.size() > limits.metadata_bytes) {
    return ProfileRefusal::kMetadataTooLong;
  }
  std::map<std::string, std::string> merged = claims_.attributes;
  for (const auto& [key, value] : attributes) {
    if (value.empty()) {
      merged.erase(key);
    } else {
      merged[key] = value;
    }
  }
  if (AttributeBytes(merged) > limits.attributes_bytes) {
    return ProfileRefusal::kAttributesTooLong;
  }
  if (!name.empty()) {
    claims_.name = name;
  }
  if (!metadata.empty()) {
    claims_.metadata = metadata;
  }
  claims_.attributes = std::move(merged);
  info_.set_name(claims_.name);
  info_.set_metadata(claims_.metadata);
  info_.mutable_attributes()->clear();
  for (const auto& [key, value] : claims_.attributes) {
    (*info_.mutable_attributes())[key] = value;
  }
  NoteChange();
  return ProfileRefusal::kNone;
}

auth::Claims Participant::ClaimsForRefresh(absl::Time wall) const {
  auth::Claims claims = claims_;
  claims.kind_details.clear();
  claims.sip = {};
  claims.agent = {};
  claims.sha256.clear();
  claims.not_before = wall;
  claims.expires_at = std::max(claims_.expires_at, wall + kMinTokenLifetime);
  return claims;
}

}  // namespace sfu::room
