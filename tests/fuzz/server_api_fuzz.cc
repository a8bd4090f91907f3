// The server API's own parsing: paths, content types, protobuf-JSON in and out.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/check.h"
#include "controller/api/proto_json.h"
#include "controller/api/twirp.h"
#include "proto/livekit/room.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);

  sfu::api::HttpRequest request;
  request.method = "POST";
  request.headers.emplace_back("Content-Type", text.substr(0, 40));
  (void)sfu::api::ParseTwirpCall(request, text).has_value();
  request.headers.front().second = "application/json";
  if (const auto call = sfu::api::ParseTwirpCall(request, text)) {
    SFU_CHECK(call->service.find('/') == std::string::npos);
    SFU_CHECK(call->method.find('/') == std::string::npos);
  }

  // What can be read can be written, and read again to the same.
  livekit::CreateRoomRequest message;
  if (sfu::api::FromProtoJson(text, message)) {
    livekit::CreateRoomRequest again;
    SFU_CHECK(sfu::api::FromProtoJson(sfu::api::ToProtoJson(message), again));
  }
  (void)sfu::api::TwirpErrorResponse({.code = sfu::api::TwirpCode::kUnknown, .message = text});
  return 0;
}
