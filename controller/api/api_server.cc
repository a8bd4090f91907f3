#include "controller/api/api_server.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "common/log/log.h"
#include "proto/livekit/ingress.pb.h"
#include "proto/livekit/sip.pb.h"

namespace sfu::api {
namespace {

// Of the wire's services; nullptr when LiveKit has no such one.
const google::protobuf::MethodDescriptor* FindMethod(const TwirpCall& call) {
  constexpr std::array<std::string_view, 5> kServices = {"RoomService", "AgentDispatchService",
                                                         "Egress", "Ingress", "SIP"};
  if (std::find(kServices.begin(), kServices.end(), call.service) == kServices.end()) {
    return nullptr;
  }
  // Touched so that the linker keeps these files: nothing else uses them yet.
  livekit::IngressInfo::descriptor();
  livekit::SIPTrunkInfo::descriptor();
  const google::protobuf::DescriptorPool* pool = google::protobuf::DescriptorPool::generated_pool();
  const google::protobuf::ServiceDescriptor* service =
      pool->FindServiceByName("livekit." + call.service);
  return service == nullptr ? nullptr : service->FindMethodByName(call.method);
}

std::string_view CodeOf(int status, const std::string& body) {
  if (status == 200) {
    return "";
  }
  // {"code":"<code>",...: written by TwirpErrorResponse.
  const size_t start = body.find("\"code\":\"");
  if (start == std::string::npos) {
    return "unknown";
  }
  const std::string_view rest = std::string_view(body).substr(start + 8);
  return rest.substr(0, rest.find('"'));
}

}  // namespace

void ApiServer::Handle(const HttpRequest& request, std::string_view path,
                       const auth::Claims* claims, Respond respond) {
  const Expected<TwirpCall, TwirpError> call = ParseTwirpCall(request, path);
  if (!call) {
    respond(TwirpErrorResponse(call.error()));
    return;
  }
  const google::protobuf::MethodDescriptor* method = FindMethod(*call);
  if (method == nullptr) {
    respond(TwirpErrorResponse(NoHandler(request.method, path)));
    return;
  }
  Respond reported = Reported(*call, std::move(respond));
  if (call->service == "RoomService" &&
      room_service_.Handle(*call, request.body, claims, reported)) {
    return;
  }
  reported(TwirpErrorResponse({.code = TwirpCode::kUnimplemented,
                               .message = fmt::format("{}.{} is not supported by this server",
                                                      call->service, call->method)}));
}

Respond ApiServer::Reported(const TwirpCall& call, Respond respond) const {
  return [this, call, start = clock_.Now(),
          respond = std::move(respond)](HttpResponse response) mutable {
    const absl::Duration duration = clock_.Now() - start;
    const std::string_view code = CodeOf(response.status, response.body);
    log::Write(response.status < 500 ? log::Level::kInfo : log::Level::kWarning, "api.call",
               {{"service", log::Public(call.service)},
                {"method", log::Public(call.method)},
                {"status", response.status},
                {"code", log::Public(code)},
                {"duration_ms", absl::ToInt64Milliseconds(duration)}});
    observer_.HandleApiCall(call.service, call.method, response.status, code, duration);
    respond(std::move(response));
  };
}

}  // namespace sfu::api
