#pragma once

#include <string>
#include <string_view>

#include <google/protobuf/message.h>

namespace sfu::api {

// Protobuf-JSON as the server API speaks it (server API contract, section 1.2): snake_case names,
// every unset field present with its default (null for messages), 64-bit integers as text, enums by
// name, bytes in base64. Members of a oneof and optional fields appear only when set. protobuf's
// own printer leaves unset messages out, which is why there is this one.
std::string ToProtoJson(const google::protobuf::Message& message);

// Accepts snake_case and lowerCamelCase names; ignores unknown ones. Empty text is an empty
// message. False when the text is no such JSON.
bool FromProtoJson(std::string_view json, google::protobuf::Message& message);

}  // namespace sfu::api
