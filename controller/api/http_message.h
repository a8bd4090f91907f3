#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/functional/any_invocable.h>

namespace sfu::api {

// One HTTP request, read completely and bounded by the server's limits. Plain data, so that nothing
// but controller/http needs to know the HTTP library.
struct HttpRequest {
  std::string method;  // Upper case.
  std::string target;  // As sent: path and query.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first header of that name, in any case; "" when there is none.
  std::string_view Header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // Besides the type and the length.

  static HttpResponse Text(int status, std::string_view body);
};

// Answers one request. Called once, on any thread.
using Respond = absl::AnyInvocable<void(HttpResponse)>;

}  // namespace sfu::api
