#pragma once

#include <optional>

#include "controller/api/http_message.h"
#include "controller/http/route.h"

// Any origin may use the server (server API contract, section 1.6): tokens decide, not origins.
namespace sfu::http {

// The answer to a preflight; nullopt for every other request.
std::optional<api::HttpResponse> AnswerPreflight(const api::HttpRequest& request);

// Adds what a browser needs to see in the answer to an actual request.
void AddCorsHeaders(const api::HttpRequest& request, Route route, api::HttpResponse& response);

}  // namespace sfu::http
