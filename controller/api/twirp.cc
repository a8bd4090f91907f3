#include "controller/api/twirp.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "controller/api/proto_json.h"

namespace sfu::api {
namespace {

struct CodeRow {
  std::string_view name;
  int http_status;
};

CodeRow Row(TwirpCode code) {
  switch (code) {
    case TwirpCode::kCanceled:
      return {"canceled", 408};
    case TwirpCode::kUnknown:
      return {"unknown", 500};
    case TwirpCode::kInvalidArgument:
      return {"invalid_argument", 400};
    case TwirpCode::kMalformed:
      return {"malformed", 400};
    case TwirpCode::kDeadlineExceeded:
      return {"deadline_exceeded", 408};
    case TwirpCode::kNotFound:
      return {"not_found", 404};
    case TwirpCode::kBadRoute:
      return {"bad_route", 404};
    case TwirpCode::kAlreadyExists:
      return {"already_exists", 409};
    case TwirpCode::kPermissionDenied:
      return {"permission_denied", 403};
    case TwirpCode::kUnauthenticated:
      return {"unauthenticated", 401};
    case TwirpCode::kResourceExhausted:
      return {"resource_exhausted", 429};
    case TwirpCode::kFailedPrecondition:
      return {"failed_precondition", 412};
    case TwirpCode::kAborted:
      return {"aborted", 409};
    case TwirpCode::kOutOfRange:
      return {"out_of_range", 400};
    case TwirpCode::kUnimplemented:
      return {"unimplemented", 501};
    case TwirpCode::kInternal:
      return {"internal", 500};
    case TwirpCode::kUnavailable:
      return {"unavailable", 503};
    case TwirpCode::kDataLoss:
      return {"dataloss", 500};
  }
  return {"unknown", 500};
}

TwirpError BadRoute(std::string_view http_method, std::string_view path, std::string message) {
  return {.code = TwirpCode::kBadRoute,
          .message = std::move(message),
          .meta = {{"twirp_invalid_route", fmt::format("{} {}", http_method, path)}}};
}

std::optional<TwirpEncoding> EncodingOf(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  while (type.ends_with(' ')) {
    type.pop_back();
  }
  if (type == "application/json") {
    return TwirpEncoding::kJson;
  }
  if (type == "application/protobuf") {
    return TwirpEncoding::kProtobuf;
  }
  return std::nullopt;
}

}  // namespace

std::string_view CodeName(TwirpCode code) { return Row(code).name; }
int HttpStatus(TwirpCode code) { return Row(code).http_status; }

TwirpError FromStatus(const absl::Status& status) {
  const auto code = [&status] {
    switch (status.code()) {
      case absl::StatusCode::kCancelled:
        return TwirpCode::kCanceled;
      case absl::StatusCode::kInvalidArgument:
        return TwirpCode::kInvalidArgument;
      case absl::StatusCode::kDeadlineExceeded:
        return TwirpCode::kDeadlineExceeded;
      case absl::StatusCode::kNotFound:
        return TwirpCode::kNotFound;
      case absl::StatusCode::kAlreadyExists:
        return TwirpCode::kAlreadyExists;
      case absl::StatusCode::kPermissionDenied:
        return TwirpCode::kPermissionDenied;
      case absl::StatusCode::kUnauthenticated:
        return TwirpCode::kUnauthenticated;
      case absl::StatusCode::kResourceExhausted:
        return TwirpCode::kResourceExhausted;
      case absl::StatusCode::kFailedPrecondition:
        return TwirpCode::kFailedPrecondition;
      case absl::StatusCode::kAborted:
        return TwirpCode::kAborted;
      case absl::StatusCode::kOutOfRange:
        return TwirpCode::kOutOfRange;
      case absl::StatusCode::kUnimplemented:
        return TwirpCode::kUnimplemented;
      case absl::StatusCode::kInternal:
        return TwirpCode::kInternal;
      case absl::StatusCode::kUnavailable:
        return TwirpCode::kUnavailable;
      case absl::StatusCode::kDataLoss:
        return TwirpCode::kDataLoss;
      default:
        return TwirpCode::kUnknown;
    }
  };
  return {.code = code(), .message = std::string(status.message())};
}

Expected<TwirpCall, TwirpError> ParseTwirpCall(const HttpRequest& request, std::string_view path) {
  if (request.method != "POST") {
    return Unexpected{
        BadRoute(request.method, path,
                 fmt::format("unsupported method \"{}\" (only POST is allowed)", request.method))};
  }
  const std::string_view content_type = request.Header("content-type");
  const std::optional<TwirpEncoding> encoding = EncodingOf(content_type);
  if (!encoding) {
    return Unexpected{BadRoute(request.method, path,
                               fmt::format("unexpected Content-Type: \"{}\"", content_type))};
  }
  constexpr std::string_view kPrefix = "/twirp/livekit.";
  const size_t start = path.find(kPrefix);
  if (start == std::string_view::npos) {
    return Unexpected{NoHandler(request.method, path)};
  }
  const std::string_view rest = path.substr(start + kPrefix.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos || rest.find('/', slash + 1) != std::string_view::npos) {
    return Unexpected{NoHandler(request.method, path)};
  }
  return TwirpCall{.service = std::string(rest.substr(0, slash)),
                   .method = std::string(rest.substr(slash + 1)),
                   .encoding = *encoding};
}

TwirpError NoHandler(std::string_view http_method, std::string_view path) {
  return BadRoute(http_method, path, fmt::format("no handler for path \"{}\"", path));
}

bool DecodeTwirp(TwirpEncoding encoding, const std::string& body,
                 google::protobuf::Message& message) {
  return encoding == TwirpEncoding::kProtobuf ? message.ParseFromString(body)
                                              : FromProtoJson(body, message);
}

TwirpError MalformedBody(TwirpEncoding encoding) {
  return {.code = TwirpCode::kMalformed,
          .message = encoding == TwirpEncoding::kProtobuf
                         ? "the protobuf request could not be decoded"
                         : "the json request could not be decoded"};
}

HttpResponse TwirpResponse(TwirpEncoding encoding, const google::protobuf::Message& message) {
  HttpResponse response;
  if (encoding == TwirpEncoding::kProtobuf) {
    response.content_type = "application/protobuf";
    response.body = message.SerializeAsString();
  } else {
    response.content_type = "application/json";
    response.body = ToProtoJson(message);
  }
  return response;
}

HttpResponse TwirpErrorResponse(const TwirpError& error) {
  boost::json::object body;
  const std::string_view code = CodeName(error.code);
  body["code"] = boost::json::string_view(code.data(), code.size());
  body["msg"] = error.message;
  if (!error.meta.empty()) {
    boost::json::object meta;
    for (const auto& [key, value] : error.meta) {
      meta[key] = value;
    }
    body["meta"] = std::move(meta);
  }
  HttpResponse response;
  response.status = HttpStatus(error.code);
  response.content_type = "application/json";
  response.body = boost::json::serialize(body);
  return response;
}

}  // namespace sfu::api
