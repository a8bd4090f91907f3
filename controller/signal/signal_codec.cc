#include "controller/signal/signal_codec.h"

#include <google/protobuf/util/json_util.h>

#include "common/base/check.h"

namespace sfu::signal {

std::optional<livekit::SignalRequest> DecodeRequest(FrameKind kind,
                                                    absl::Span<const uint8_t> frame) {
  if (frame.size() > kMaxFrameBytes) {
    return std::nullopt;
  }
  livekit::SignalRequest request;
  if (kind == FrameKind::kBinary) {
    if (!request.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
      return std::nullopt;
    }
    return request;
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const google::protobuf::StringPiece text(reinterpret_cast<const char*>(frame.data()),
                                           frame.size());
  if (!google::protobuf::util::JsonStringToMessage(text, &request, options).ok()) {
    return std::nullopt;
  }
  return request;
}

std::string EncodeResponse(FrameKind kind, const livekit::SignalResponse& response) {
  if (kind == FrameKind::kBinary) {
    return response.SerializeAsString();
  }
  std::string json;
  SFU_CHECK(google::protobuf::util::MessageToJsonString(response, &json).ok());
  return json;
}

}  // namespace sfu::signal
