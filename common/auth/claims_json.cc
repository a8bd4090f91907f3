#include "common/auth/claims_json.h"

#include <cmath>

#include <boost/json.hpp>

namespace sfu::auth {
namespace {

namespace json = boost::json;

constexpr double kLatestSeconds = 1e15;  // Far beyond any date, well inside int64.

std::optional<json::object> ParseObject(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) {
    return std::nullopt;
  }
  return std::move(value.as_object());
}

// Reads members of one object and remembers whether one of them had the wrong type.
class MemberReader {
 public:
  explicit MemberReader(const json::object& object) : object_(object) {}

  bool ok() const { return ok_; }

  // Null when absent or JSON null.
  const json::value* Find(const char* key) const {
    const json::value* value = object_.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void Read(const char* key, std::string& out) { ReadValue(Find(key), out); }

  void Read(const char* key, bool& out) {
    if (const json::value* value = Find(key)) {
      Require(value->is_bool()) && (out = value->get_bool());
    }
  }

  void Read(const char* key, std::optional<bool>& out) {
    if (const json::value* value = Find(key); value != nullptr && Require(value->is_bool())) {
      out = value->get_bool();
    }
  }

  void Read(const char* key, std::vector<std::string>& out) {
    const json::value* value = Find(key);
    if (value == nullptr || !Require(value->is_array())) {
      return;
    }
    for (const json::value& element : value->get_array()) {
      ReadValue(&element, out.emplace_back());
    }
  }

  void Read(const char* key, std::map<std::string, std::string>& out) {
    if (const json::object* members = FindObject(key)) {
      for (const auto& [name, value] : *members) {
        ReadValue(value.is_null() ? nullptr : &value, out[std::string(name)]);
      }
    }
  }

  // NumericDate (RFC 7519 section 2): seconds, possibly with a fraction.
  void Read(const char* key, std::optional<absl::Time>& out) {
    const json::value* value = Find(key);
    if (value == nullptr || !Require(value->is_number())) {
      return;
    }
    const double seconds = value->to_number<double>();
    if (Require(std::isfinite(seconds) && std::abs(seconds) < kLatestSeconds)) {
      out = absl::FromUnixMicros(static_cast<int64_t>(std::floor(seconds)) * 1'000'000);
    }
  }

  const json::object* FindObject(const char* key) {
    const json::value* value = Find(key);
    return value != nullptr && Require(value->is_object()) ? &value->get_object() : nullptr;
  }

  void Fail() { ok_ = false; }

 private:
  bool Require(bool condition) {
    ok_ = ok_ && condition;
    return condition;
  }

  void ReadValue(const json::value* value, std::string& out) {
    if (value != nullptr && Require(value->is_string())) {
      const json::string& text = value->get_string();
      out.assign(text.data(), text.size());
    }
  }

  const json::object& object_;
  bool ok_ = true;
};

bool ReadVideoGrant(const json::object& object, VideoGrant& video) {
  MemberReader reader(object);
  reader.Read("roomJoin", video.room_join);
  reader.Read("room", video.room);
  reader.Read("roomCreate", video.room_create);
  reader.Read("roomList", video.room_list);
  reader.Read("roomRecord", video.room_record);
  reader.Read("roomAdmin", video.room_admin);
  reader.Read("ingressAdmin", video.ingress_admin);
  reader.Read("hidden", video.hidden);
  reader.Read("recorder", video.recorder);
  reader.Read("agent", video.agent);
  reader.Read("destinationRoom", video.destination_room);
  reader.Read("canPublish", video.can_publish);
  reader.Read("canSubscribe", video.can_subscribe);
  reader.Read("canPublishData", video.can_publish_data);
  reader.Read("canPublishSources", video.can_publish_sources);
  reader.Read("canUpdateOwnMetadata", video.can_update_own_metadata);
  reader.Read("canSubscribeMetrics", video.can_subscribe_metrics);
  reader.Read("canManageAgentSession", video.can_manage_agent_session);
  return reader.ok();
}

bool ReadSipGrant(const json::object& object, SipGrant& sip) {
  MemberReader reader(object);
  reader.Read("admin", sip.admin);
  reader.Read("call", sip.call);
  return reader.ok();
}

bool ReadAgentGrant(const json::object& object, AgentGrant& agent) {
  MemberReader reader(object);
  reader.Read("admin", agent.admin);
  reader.Read("simulationAdmin", agent.simulation_admin);
  reader.Read("databaseAdmin", agent.database_admin);
  return reader.ok();
}

void PutText(json::object& object, const char* key, const std::string& text) {
  if (!text.empty()) {
    object[key] = json::string(text.data(), text.size());
  }
}

void PutFlag(json::object& object, const char* key, bool flag) {
  if (flag) {
    object[key] = true;
  }
}

void PutFlag(json::object& object, const char* key, std::optional<bool> flag) {
  if (flag) {
    object[key] = *flag;
  }
}

void PutList(json::object& object, const char* key, const std::vector<std::string>& list) {
  if (list.empty()) {
    return;
  }
  json::array array;
  for (const std::string& element : list) {
    array.emplace_back(json::string(element.data(), element.size()));
  }
  object[key] = std::move(array);
}

json::object WriteVideoGrant(const VideoGrant& video) {
  json::object object;
  PutFlag(object, "roomJoin", video.room_join);
  PutText(object, "room", video.room);
  PutFlag(object, "roomCreate", video.room_create);
  PutFlag(object, "roomList", video.room_list);
  PutFlag(object, "roomRecord", video.room_record);
  PutFlag(object, "roomAdmin", video.room_admin);
  PutFlag(object, "ingressAdmin", video.ingress_admin);
  PutFlag(object, "hidden", video.hidden);
  PutFlag(object, "recorder", video.recorder);
  PutFlag(object, "agent", video.agent);
  PutText(object, "destinationRoom", video.destination_room);
  PutFlag(object, "canPublish", video.can_publish);
  PutFlag(object, "canSubscribe", video.can_subscribe);
  PutFlag(object, "canPublishData", video.can_publish_data);
  PutList(object, "canPublishSources", video.can_publish_sources);
  PutFlag(object, "canUpdateOwnMetadata", video.can_update_own_metadata);
  PutFlag(object, "canSubscribeMetrics", video.can_subscribe_metrics);
  PutFlag(object, "canManageAgentSession", video.can_manage_agent_session);
  return object;
}

void PutGrants(json::object& object, const Claims& claims) {
  if (claims.video) {
    object["video"] = WriteVideoGrant(*claims.video);
  }
  if (claims.sip.admin || claims.sip.call) {
    json::object& sip = object["sip"].emplace_object();
    PutFlag(sip, "admin", claims.sip.admin);
    PutFlag(sip, "call", claims.sip.call);
  }
  if (claims.agent.admin || claims.agent.simulation_admin || claims.agent.database_admin) {
    json::object& agent = object["agent"].emplace_object();
    PutFlag(agent, "admin", claims.agent.admin);
    PutFlag(agent, "simulationAdmin", claims.agent.simulation_admin);
    PutFlag(agent, "databaseAdmin", claims.agent.database_admin);
  }
}

}  // namespace

std::optional<TokenHeader> ParseTokenHeader(std::string_view text) {
  const std::optional<json::object> object = ParseObject(text);
  if (!object) {
    return std::nullopt;
  }
  MemberReader reader(*object);
  TokenHeader header;
  reader.Read("alg", header.algorithm);
  // Critical extensions must be understood (RFC 7515 section 4.1.11); we understand none.
  if (!reader.ok() || reader.Find("crit") != nullptr) {
    return std::nullopt;
  }
  return header;
}

std::optional<Claims> ParseClaims(std::string_view text) {
  const std::optional<json::object> object = ParseObject(text);
  if (!object) {
    return std::nullopt;
  }
  MemberReader reader(*object);
  Claims claims;
  reader.Read("iss", claims.issuer);
  reader.Read("sub", claims.identity);
  if (claims.identity.empty()) {
    reader.Read("jti", claims.identity);
  }
  std::optional<absl::Time> expires_at;
  reader.Read("exp", expires_at);
  claims.expires_at = expires_at.value_or(absl::InfinitePast());
  reader.Read("nbf", claims.not_before);
  reader.Read("name", claims.name);
  reader.Read("kind", claims.kind);
  reader.Read("kindDetails", claims.kind_details);
  reader.Read("metadata", claims.metadata);
  reader.Read("attributes", claims.attributes);
  reader.Read("roomPreset", claims.room_preset);
  reader.Read("sha256", claims.sha256);
  if (const json::object* video = reader.FindObject("video")) {
    ReadVideoGrant(*video, claims.video.emplace()) || (reader.Fail(), false);
  }
  if (const json::object* sip = reader.FindObject("sip")) {
    ReadSipGrant(*sip, claims.sip) || (reader.Fail(), false);
  }
  if (const json::object* agent = reader.FindObject("agent")) {
    ReadAgentGrant(*agent, claims.agent) || (reader.Fail(), false);
  }
  if (const json::object* room_config = reader.FindObject("roomConfig")) {
    claims.room_config_json = json::serialize(*room_config);
  }
  if (!reader.ok()) {
    return std::nullopt;
  }
  return claims;
}

std::string WriteClaims(const Claims& claims) {
  json::object object;
  PutText(object, "iss", claims.issuer);
  PutText(object, "sub", claims.identity);
  object["exp"] = absl::ToUnixSeconds(claims.expires_at);
  if (claims.not_before) {
    object["nbf"] = absl::ToUnixSeconds(*claims.not_before);
  }
  PutText(object, "name", claims.name);
  PutText(object, "kind", claims.kind);
  PutList(object, "kindDetails", claims.kind_details);
  PutText(object, "metadata", claims.metadata);
  if (!claims.attributes.empty()) {
    json::object& attributes = object["attributes"].emplace_object();
    for (const auto& [name, value] : claims.attributes) {
      attributes[name] = json::string(value.data(), value.size());
    }
  }
  PutGrants(object, claims);
  if (!claims.room_config_json.empty()) {
    if (std::optional<json::object> config = ParseObject(claims.room_config_json)) {
      object["roomConfig"] = std::move(*config);
    }
  }
  PutText(object, "roomPreset", claims.room_preset);
  PutText(object, "sha256", claims.sha256);
  return json::serialize(object);
}

}  // namespace sfu::auth
