#include "controller/http/cors.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace sfu::http {
namespace {

bool IsAllowedMethod(std::string_view method) {
  constexpr std::array<std::string_view, 6> kMethods = {"OPTIONS", "HEAD",  "GET",
                                                        "POST",    "PATCH", "DELETE"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace

std::optional<api::HttpResponse> AnswerPreflight(const api::HttpRequest& request) {
  const std::string_view method = request.Header("access-control-request-method");
  if (request.method != "OPTIONS" || method.empty()) {
    return std::nullopt;
  }
  api::HttpResponse response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back(
      "Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  const std::string_view origin = request.Header("origin");
  if (origin.empty() || !IsAllowedMethod(method)) {
    return response;
  }
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Allow-Methods", method);
  const std::string_view headers = request.Header("access-control-request-headers");
  if (!headers.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Headers", headers);
  }
  response.headers.emplace_back("Access-Control-Max-Age", "86400");
  return response;
}

void AddCorsHeaders(const api::HttpRequest& request, Route route, api::HttpResponse& response) {
  const std::string_view origin = request.Header("origin");
  if (route == Route::kValidateV0 || route == Route::kValidateV1) {
    // Errors, too, must be readable: otherwise clients report an unreachable server (trap 2).
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else if (!origin.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  } else {
    return;
  }
  response.headers.emplace_back("Access-Control-Expose-Headers", "*");
  response.headers.emplace_back("Vary", "Origin");
}

}  // namespace sfu::http
