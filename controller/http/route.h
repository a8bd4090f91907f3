#pragma once

#include <string>
#include <string_view>

// Which part of the server a request is for (signaling contract, section 1.1). Pure.
namespace sfu::http {

enum class Route {
  kHealth,  // "/", exactly.
  kLive,    // "/livez", "/readyz": probes.
  kReady,
  kSignalV0,
  kSignalV1,
  kValidateV0,
  kValidateV1,
  kTwirp,
  kTryPage,
  kNotFound,
};

// Without query; slashes at its start count as one, since clients put "/rtc" behind whatever base
// URL they were given.
std::string_view PathOf(std::string_view target);
std::string_view QueryOf(std::string_view target);

// A prefix that a proxy did not strip is tolerated, except before "/".
Route FindRoute(std::string_view path);

}  // namespace sfu::http
