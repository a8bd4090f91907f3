#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>

namespace sfu::auth {

// What the `video` claim of a token allows (signaling contract, section 2.3). Optional members keep
// "absent" apart from "false", because their defaults differ; ask the functions, not the members.
struct VideoGrant {
  bool room_join = false;
  std::string room;  // The only source of the room's name.
  bool room_create = false;
  bool room_list = false;
  bool room_record = false;
  bool room_admin = false;  // For `room` only.
  bool ingress_admin = false;
  bool hidden = false;
  bool recorder = false;
  bool agent = false;
  std::string destination_room;
  std::optional<bool> can_publish;
  std::optional<bool> can_subscribe;
  std::optional<bool> can_publish_data;
  std::vector<std::string> can_publish_sources;  // Lower case, e.g. "camera". Empty: all.
  std::optional<bool> can_update_own_metadata;
  std::optional<bool> can_subscribe_metrics;
  std::optional<bool> can_manage_agent_session;

  bool CanPublish() const { return can_publish.value_or(true); }
  bool CanSubscribe() const { return can_subscribe.value_or(true); }
  bool CanPublishData() const { return can_publish_data.value_or(CanPublish()); }
  bool CanUpdateOwnMetadata() const { return can_update_own_metadata.value_or(false); }
  bool CanSubscribeMetrics() const { return can_subscribe_metrics.value_or(false); }
  bool CanManageAgentSession() const { return can_manage_agent_session.value_or(false); }
};

struct SipGrant {
  bool admin = false;
  bool call = false;
};

struct AgentGrant {
  bool admin = false;
  bool simulation_admin = false;
  bool database_admin = false;
};

// The content of a verified token (signaling contract, section 2.2).
struct Claims {
  std::string issuer;    // The API key whose secret signed it.
  std::string identity;  // `sub`, or `jti` where `sub` is empty.
  absl::Time expires_at = absl::InfinitePast();
  std::optional<absl::Time> not_before;

  std::string name;
  std::string kind;  // Lower case, as in the token; empty means "standard".
  std::vector<std::string> kind_details;
  std::string metadata;
  std::map<std::string, std::string> attributes;
  std::optional<VideoGrant> video;
  SipGrant sip;
  AgentGrant agent;
  std::string room_config_json;  // Protobuf-JSON of livekit.RoomConfiguration; empty when absent.
  std::string room_preset;
  std::string sha256;  // Base64 of a body's hash; webhook tokens only.
};

}  // namespace sfu::auth
