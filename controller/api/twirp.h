#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <google/protobuf/message.h>

#include "common/base/expected.h"
#include "controller/api/http_message.h"

// Twirp, version 7 of its protocol, as the server API uses it (server API contract, sections 1.2
// and 1.3). Pure.
namespace sfu::api {

enum class TwirpCode {
  kCanceled,
  kUnknown,
  kInvalidArgument,
  kMalformed,
  kDeadlineExceeded,
  kNotFound,
  kBadRoute,
  kAlreadyExists,
  kPermissionDenied,
  kUnauthenticated,
  kResourceExhausted,
  kFailedPrecondition,
  kAborted,
  kOutOfRange,
  kUnimplemented,
  kInternal,
  kUnavailable,
  kDataLoss,
};

std::string_view CodeName(TwirpCode code);
int HttpStatus(TwirpCode code);

struct TwirpError {
  TwirpCode code = TwirpCode::kUnknown;
  std::string message;
  std::map<std::string, std::string> meta = {};
};

// Codes have the same names on both sides.
TwirpError FromStatus(const absl::Status& status);

enum class TwirpEncoding { kProtobuf, kJson };

struct TwirpCall {
  std::string service;  // "RoomService".
  std::string method;   // "CreateRoom".
  TwirpEncoding encoding = TwirpEncoding::kJson;
};

// Finds "/twirp/livekit.<Service>/<Method>" in the path; a proxy may have put something before it.
// The refusals are bad_route. Whether the service and method exist is the caller's to say.
Expected<TwirpCall, TwirpError> ParseTwirpCall(const HttpRequest& request, std::string_view path);

// "no handler for path ...": for services and methods that do not exist.
TwirpError NoHandler(std::string_view http_method, std::string_view path);

// False when the body is not such a message; MalformedBody() is the answer then.
bool DecodeTwirp(TwirpEncoding encoding, const std::string& body,
                 google::protobuf::Message& message);
TwirpError MalformedBody(TwirpEncoding encoding);

HttpResponse TwirpResponse(TwirpEncoding encoding, const google::protobuf::Message& message);
HttpResponse TwirpErrorResponse(const TwirpError& error);

}  // namespace sfu::api
