#include "controller/signal/join_request_parser.h"

#include <map>
#include <utility>

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "controller/signal/client_configuration.h"
#include "controller/signal/gzip.h"
#include "controller/signal/user_agent.h"
#include "controller/signal/utf8.h"

namespace sfu::signal {
namespace {

using room::JoinParameters;
using Attributes = std::map<std::string, std::string>;

constexpr size_t kMaxIdentityBytes = 256;
constexpr size_t kMaxRoomNameBytes = 256;
constexpr std::string_view kNoAccess = "no permissions to access the room";
constexpr std::string_view kDenied = "permissions denied";

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

HttpRefusal Unauthorized(std::string_view text) { return {401, std::string(text)}; }
HttpRefusal BadRequest(std::string_view text) { return {400, std::string(text)}; }

std::optional<HttpRefusal> CheckClaims(const auth::Claims* claims) {
  if (claims == nullptr) {
    return Unauthorized(kDenied);
  }
  if (!claims->video || !claims->video->room_join) {
    return Unauthorized(kNoAccess);
  }
  if (claims->identity.empty()) {
    return BadRequest("identity cannot be empty");
  }
  if (claims->identity.size() > kMaxIdentityBytes) {
    return BadRequest("participant identity length exceeds limits: max length " +
                      std::to_string(kMaxIdentityBytes));
  }
  if (claims->video->room.empty()) {
    return BadRequest("no room name");
  }
  if (claims->video->room.size() > kMaxRoomNameBytes) {
    return BadRequest("room name length exceeds limits: max length " +
                      std::to_string(kMaxRoomNameBytes));
  }
  return std::nullopt;
}

livekit::ClientInfo::SDK SdkFromName(std::string_view name) {
  using livekit::ClientInfo;
  static constexpr std::pair<std::string_view, ClientInfo::SDK> kNames[] = {
      {"js", ClientInfo::JS},           {"ios", ClientInfo::SWIFT},
      {"swift", ClientInfo::SWIFT},     {"android", ClientInfo::ANDROID},
      {"flutter", ClientInfo::FLUTTER}, {"go", ClientInfo::GO},
      {"unity", ClientInfo::UNITY},     {"reactnative", ClientInfo::REACT_NATIVE},
      {"rust", ClientInfo::RUST},       {"python", ClientInfo::PYTHON},
      {"cpp", ClientInfo::CPP},         {"unityweb", ClientInfo::UNITY_WEB},
      {"node", ClientInfo::NODE},       {"esp32", ClientInfo::ESP32},
  };
  for (const auto& [known, sdk] : kNames) {
    if (name == known) {
      return sdk;
    }
  }
  return ClientInfo::UNKNOWN;
}

bool IsOn(std::string_view value) { return value == "1" || value == "true"; }

int IntegerOr0(std::string_view value) {
  int number = 0;
  return absl::SimpleAtoi(View(value), &number) ? number : 0;
}

// Protobuf refuses to carry other text to anybody.
std::string Text(std::string_view value) {
  return IsValidUtf8(value) ? std::string(value) : std::string();
}

livekit::ClientInfo ClientFromQuery(const QueryParameters& query) {
  livekit::ClientInfo client;
  client.set_sdk(SdkFromName(query.Get("sdk")));
  client.set_version(Text(query.Get("version")));
  client.set_protocol(IntegerOr0(query.Get("protocol")));
  client.set_client_protocol(IntegerOr0(query.Get("client_protocol")));
  client.set_os(Text(query.Get("os")));
  client.set_os_version(Text(query.Get("os_version")));
  client.set_device_model(Text(query.Get("device_model")));
  client.set_browser(Text(query.Get("browser")));
  client.set_browser_version(Text(query.Get("browser_version")));
  client.set_network(Text(query.Get("network")));
  for (const std::string& name :
       std::vector<std::string>(absl::StrSplit(View(query.Get("capabilities")), ','))) {
    livekit::ClientInfo::Capability capability;
    if (livekit::ClientInfo::Capability_Parse(name, &capability)) {
      client.add_capabilities(capability);
    }
  }
  return client;
}

// base64url of a JSON object of strings.
std::optional<Attributes> DecodeAttributes(std::string_view encoded) {
  std::string json;
  google::protobuf::Struct object;
  if (!absl::WebSafeBase64Unescape(View(encoded), &json) ||
      !google::protobuf::util::JsonStringToMessage(json, &object).ok()) {
    return std::nullopt;
  }
  Attributes attributes;
  for (const auto& [key, value] : object.fields()) {
    if (value.kind_case() != google::protobuf::Value::kStringValue) {
      return std::nullopt;
    }
    attributes[key] = value.string_value();
  }
  return attributes;
}

// What the request adds to the token, for those who may.
std::optional<HttpRefusal> MergeProfile(const std::string& metadata, const Attributes& attributes,
                                        auth::Claims& claims) {
  if (metadata.empty() && attributes.empty()) {
    return std::nullopt;
  }
  if (!claims.video->CanUpdateOwnMetadata()) {
    return Unauthorized(kDenied);
  }
  if (!metadata.empty()) {
    claims.metadata = metadata;
  }
  for (const auto& [key, value] : attributes) {
    if (!value.empty()) {
      claims.attributes[key] = value;
    }
  }
  return std::nullopt;
}

Expected<livekit::JoinRequest, HttpRefusal> Unwrap(std::string_view encoded) {
  std::string bytes;
  livekit::WrappedJoinRequest wrapped;
  if (!absl::WebSafeBase64Unescape(View(encoded), &bytes)) {
    return Unexpected{BadRequest("cannot base64 decode wrapped join request")};
  }
  if (!wrapped.ParseFromString(bytes)) {
    return Unexpected{BadRequest("cannot unmarshal wrapped join request")};
  }
  std::string inner = std::move(*wrapped.mutable_join_request());
  if (wrapped.compression() == livekit::WrappedJoinRequest::GZIP) {
    Expected<std::string, InflateError> inflated = Gunzip(inner, kMaxJoinRequestBytes);
    if (!inflated) {
      return Unexpected{inflated.error() == InflateError::kTooLarge
                            ? BadRequest("join request too large")
                            : BadRequest("cannot read decompressed join request")};
    }
    inner = std::move(*inflated);
  }
  if (inner.size() > kMaxJoinRequestBytes) {
    return Unexpected{BadRequest("join request too large")};
  }
  livekit::JoinRequest request;
  if (!request.ParseFromString(inner)) {
    return Unexpected{BadRequest("cannot unmarshal join request")};
  }
  return request;
}

std::optional<HttpRefusal> ReadJoinRequest(std::string_view encoded, JoinParameters& parameters) {
  Expected<livekit::JoinRequest, HttpRefusal> unwrapped = Unwrap(encoded);
  if (!unwrapped) {
    return unwrapped.error();
  }
  livekit::JoinRequest& request = *unwrapped;
  const livekit::ConnectionSettings& settings = request.connection_settings();
  parameters.single_peer_connection = true;
  parameters.auto_subscribe = settings.auto_subscribe();
  parameters.adaptive_stream = settings.adaptive_stream();
  parameters.disable_ice_lite = settings.disable_ice_lite();
  parameters.auto_subscribe_data_track = settings.auto_subscribe_data_track();
  parameters.subscriber_allow_pause = settings.subscriber_allow_pause();
  if (request.has_publisher_offer()) {
    parameters.publisher_offer = std::move(*request.mutable_publisher_offer());
  }
  parameters.add_track_requests.assign(request.add_track_requests().begin(),
                                       request.add_track_requests().end());
  parameters.reconnect = request.reconnect();
  parameters.reconnect_reason = request.reconnect_reason();
  parameters.participant_sid = request.participant_sid();
  parameters.client = std::move(*request.mutable_client_info());
  parameters.client.clear_address();  // Not the client's to say.
  const Attributes attributes(request.participant_attributes().begin(),
                              request.participant_attributes().end());
  return MergeProfile(request.metadata(), attributes, parameters.claims);
}

std::optional<HttpRefusal> ReadQuery(const JoinHttpRequest& http, JoinParameters& parameters) {
  const QueryParameters& query = http.query;
  parameters.client = ClientFromQuery(query);
  const std::optional<std::string_view> auto_subscribe = query.Find("auto_subscribe");
  parameters.auto_subscribe = !auto_subscribe || IsOn(*auto_subscribe);
  parameters.auto_subscribe_data_track = IsOn(query.Get("auto_subscribe_data_track"));
  parameters.adaptive_stream = IsOn(query.Get("adaptive_stream"));
  parameters.disable_ice_lite = IsOn(query.Get("disable_ice_lite"));
  if (const std::optional<std::string_view> pause = query.Find("subscriber_allow_pause")) {
    parameters.subscriber_allow_pause = IsOn(*pause);
  }
  parameters.reconnect = IsOn(query.Get("reconnect"));
  if (parameters.reconnect) {
    parameters.participant_sid = Text(query.Get("sid"));
    const int reason = IntegerOr0(query.Get("reconnect_reason"));
    if (livekit::ReconnectReason_IsValid(reason)) {
      parameters.reconnect_reason = static_cast<livekit::ReconnectReason>(reason);
    }
  }
  // A second connection of an old client, for publishing only.
  if (!query.Get("publish").empty()) {
    if (!parameters.claims.video->CanPublish()) {
      return Unauthorized(kNoAccess);
    }
    parameters.claims.identity += "#publish";
    parameters.claims.video->can_subscribe = false;
  }
  const std::optional<std::string_view> encoded = query.Find("attributes");
  if (!encoded || encoded->empty()) {
    return std::nullopt;
  }
  const std::optional<Attributes> attributes = DecodeAttributes(*encoded);
  if (!attributes) {
    return http.validate ? std::optional(BadRequest("cannot decode attributes")) : std::nullopt;
  }
  return MergeProfile("", *attributes, parameters.claims);
}

}  // namespace

Expected<JoinParameters, HttpRefusal> ParseJoin(const JoinHttpRequest& request,
                                                const auth::Claims* claims) {
  if (std::optional<HttpRefusal> refusal = CheckClaims(claims)) {
    return Unexpected{std::move(*refusal)};
  }
  JoinParameters parameters;
  parameters.claims = *claims;
  const std::optional<std::string_view> join_request = request.query.Find("join_request");
  const bool given = join_request && !join_request->empty();
  if (request.path == Path::kV1 && !given) {
    return Unexpected{BadRequest("join_request is required")};
  }
  std::optional<HttpRefusal> refusal =
      given ? ReadJoinRequest(*join_request, parameters) : ReadQuery(request, parameters);
  if (refusal) {
    return Unexpected{std::move(*refusal)};
  }
  FillFromUserAgent(request.user_agent, parameters.client);
  parameters.client_configuration = ClientConfigurationFor(parameters.client);
  return parameters;
}

}  // namespace sfu::signal
