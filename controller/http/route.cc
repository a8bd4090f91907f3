#include "controller/http/route.h"

#include <array>
#include <utility>

namespace sfu::http {

std::string_view PathOf(std::string_view target) {
  std::string_view path = target.substr(0, target.find('?'));
  while (path.starts_with("//")) {
    path.remove_prefix(1);
  }
  return path;
}

std::string_view QueryOf(std::string_view target) {
  const size_t question = target.find('?');
  return question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
}

Route FindRoute(std::string_view path) {
  if (path == "/") {
    return Route::kHealth;
  }
  if (path == "/livez") {
    return Route::kLive;
  }
  if (path == "/readyz") {
    return Route::kReady;
  }
  if (path.find("/twirp/") != std::string_view::npos) {
    return Route::kTwirp;
  }
  if (path == "/try" || path.starts_with("/try/")) {
    return Route::kTryPage;
  }
  constexpr std::array<std::pair<std::string_view, Route>, 4> kEndings = {{
      {"/rtc/v1/validate", Route::kValidateV1},
      {"/rtc/validate", Route::kValidateV0},
      {"/rtc/v1", Route::kSignalV1},
      {"/rtc", Route::kSignalV0},
  }};
  for (const auto& [ending, route] : kEndings) {
    if (path.ends_with(ending)) {
      return route;
    }
  }
  return Route::kNotFound;
}

}  // namespace sfu::http
