#include "controller/http/front_door.h"

#include <utility>

#include <absl/time/time.h>
#include <fmt/format.h>

#include "controller/http/authenticate.h"
#include "controller/http/cors.h"
#include "controller/http/signal_connection.h"
#include "controller/signal/client_configuration.h"
#include "controller/signal/join_request_parser.h"

namespace sfu::http {
namespace {

using api::HttpRequest;
using api::HttpResponse;
using api::Respond;

bool IsValidate(Route route) { return route == Route::kValidateV0 || route == Route::kValidateV1; }
bool IsSignal(Route route) { return route == Route::kSignalV0 || route == Route::kSignalV1; }

HttpResponse NotFoundPage() { return HttpResponse::Text(404, "404 page not found\n"); }

}  // namespace

FrontDoor::FrontDoor(Options options, actor::RoomRegistry& rooms, api::ApiServer& api,
                     const Clock& clock, SignalObserver& observer)
    : options_(std::move(options)), rooms_(rooms), api_(api), clock_(clock), observer_(observer) {}

void FrontDoor::HandleRequest(HttpRequest request, Respond respond) {
  if (std::optional<HttpResponse> preflight = AnswerPreflight(request)) {
    respond(*std::move(preflight));
    return;
  }
  const Route route = FindRoute(PathOf(request.target));
  HttpRequest origin_only;  // What CORS needs of the request, which may be gone by then.
  origin_only.headers.emplace_back("Origin", request.Header("origin"));
  Dispatch(request, route,
           [route, origin_only = std::move(origin_only),
            respond = std::move(respond)](HttpResponse response) mutable {
             AddCorsHeaders(origin_only, route, response);
             respond(std::move(response));
           });
}

void FrontDoor::Dispatch(const HttpRequest& request, Route route, Respond respond) {
  const Expected<std::optional<auth::Claims>, HttpResponse> token =
      Authenticate(request, options_.keys, clock_.WallNow());
  if (!token) {
    respond(token.error());
    return;
  }
  const auth::Claims* claims = token->has_value() ? &**token : nullptr;
  switch (route) {
    case Route::kHealth:
      respond(Health(request));
      return;
    case Route::kLive:
    case Route::kReady:
      respond(AnswerProbe(request, route));
      return;
    case Route::kValidateV0:
    case Route::kValidateV1:
      Validate(request, route, claims, std::move(respond));
      return;
    case Route::kTwirp:
      api_.Handle(request, PathOf(request.target), claims, std::move(respond));
      return;
    case Route::kTryPage:
      respond(TryPage(request));
      return;
    case Route::kSignalV0:
    case Route::kSignalV1:
      respond(HttpResponse::Text(404, ""));  // Not an upgrade.
      return;
    case Route::kNotFound:
      respond(NotFoundPage());
      return;
  }
}

std::shared_ptr<WebSocketUser> FrontDoor::HandleUpgrade(HttpRequest request,
                                                        std::shared_ptr<WebSocket> socket) {
  const Route route = FindRoute(PathOf(request.target));
  const auto refuse = [&](HttpResponse response) -> std::shared_ptr<WebSocketUser> {
    AddCorsHeaders(request, route, response);
    socket->Refuse(std::move(response));
    return nullptr;
  };
  if (!IsSignal(route)) {
    return refuse(NotFoundPage());
  }
  if (draining_) {
    observer_.HandleJoin(SignalObserver::JoinOutcome::kRefused, 0, absl::ZeroDuration());
    return refuse(HttpResponse::Text(503, "server is shutting down"));
  }
  const Expected<std::optional<auth::Claims>, HttpResponse> token =
      Authenticate(request, options_.keys, clock_.WallNow());
  if (!token) {
    observer_.HandleJoin(SignalObserver::JoinOutcome::kValidationFailed, 0, absl::ZeroDuration());
    return refuse(token.error());
  }
  Expected<room::JoinParameters, HttpResponse> parameters =
      Parameters(request, route, token->has_value() ? &**token : nullptr);
  if (!parameters) {
    observer_.HandleJoin(SignalObserver::JoinOutcome::kValidationFailed, 0, absl::ZeroDuration());
    return refuse(parameters.error());
  }
  parameters->ice_servers = options_.ice_servers;
  parameters->client_configuration = signal::ClientConfigurationFor(parameters->client);
  return SignalConnection::Start(std::move(socket), *std::move(parameters), rooms_, clock_,
                                 observer_);
}

Expected<room::JoinParameters, HttpResponse> FrontDoor::Parameters(
    const HttpRequest& request, Route route, const auth::Claims* claims) const {
  const signal::QueryParameters query = signal::QueryParameters::Parse(QueryOf(request.target));
  const bool v1 = route == Route::kSignalV1 || route == Route::kValidateV1;
  const Expected<room::JoinParameters, signal::HttpRefusal> parameters =
      signal::ParseJoin({.path = v1 ? signal::Path::kV1 : signal::Path::kV0,
                         .query = query,
                         .user_agent = request.Header("user-agent"),
                         .validate = IsValidate(route)},
                        claims);
  if (!parameters) {
    return Unexpected{HttpResponse::Text(parameters.error().status, parameters.error().text)};
  }
  return *parameters;
}

void FrontDoor::Validate(const HttpRequest& request, Route route, const auth::Claims* claims,
                         Respond respond) {
  Expected<room::JoinParameters, HttpResponse> parameters = Parameters(request, route, claims);
  if (!parameters) {
    respond(parameters.error());
    return;
  }
  rooms_.Validate(
      *std::move(parameters),
      [respond = std::move(respond)](const std::optional<actor::JoinError>& error) mutable {
        respond(error ? HttpResponse::Text(error->http_status, error->text)
                      : HttpResponse::Text(200, "success"));
      });
}

HttpResponse FrontDoor::Health(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return NotFoundPage();
  }
  if (!options_.is_healthy()) {
    return HttpResponse::Text(406, fmt::format("Not Ready\nNode Updated At {}",
                                               absl::FormatTime(absl::RFC3339_sec, clock_.WallNow(),
                                                                absl::UTCTimeZone())));
  }
  return HttpResponse::Text(200, "OK");
}

HttpResponse FrontDoor::AnswerProbe(const HttpRequest& request, Route route) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return NotFoundPage();
  }
  const std::optional<std::string> complaint = route == Route::kLive ? WhyNotLive() : WhyNotReady();
  return complaint ? HttpResponse::Text(503, *complaint) : HttpResponse::Text(200, "ok");
}

std::optional<std::string> FrontDoor::WhyNotLive() const {
  return options_.is_healthy() ? std::nullopt
                               : std::optional<std::string>("a loop has not turned for seconds");
}

std::optional<std::string> FrontDoor::WhyNotReady() const {
  if (draining_) {
    return "stopping";
  }
  if (std::optional<std::string> complaint = WhyNotLive()) {
    return complaint;
  }
  return options_.why_not_ready();
}

HttpResponse FrontDoor::TryPage(const HttpRequest& request) const {
  if (!options_.find_asset || request.method != "GET") {
    return NotFoundPage();
  }
  std::string_view name = PathOf(request.target);
  name.remove_prefix(std::string_view("/try").size());
  if (name.empty()) {
    // Relative links of the page need the slash.
    HttpResponse response = HttpResponse::Text(301, "");
    response.headers.emplace_back("Location", "/try/");
    return response;
  }
  name.remove_prefix(1);
  if (name == "token") {
    return TryToken(QueryOf(request.target));
  }
  const std::optional<Asset> asset = options_.find_asset(name.empty() ? "index.html" : name);
  if (!asset) {
    return NotFoundPage();
  }
  HttpResponse response;
  response.content_type = std::string(asset->content_type);
  response.body = std::string(asset->body);
  return response;
}

HttpResponse FrontDoor::TryToken(std::string_view query) const {
  if (!options_.try_key) {
    return HttpResponse::Text(403, "this page works only with the placeholder key of --dev");
  }
  const signal::QueryParameters parameters = signal::QueryParameters::Parse(query);
  const std::string name(parameters.Get("name"));
  if (name.empty() || parameters.Get("room").empty()) {
    return HttpResponse::Text(400, "name and room are needed");
  }
  auth::Claims claims;
  claims.identity = name;
  claims.name = name;
  claims.expires_at = clock_.WallNow() + absl::Hours(6);
  claims.video.emplace();
  claims.video->room_join = true;
  claims.video->room = std::string(parameters.Get("room"));
  claims.video->can_update_own_metadata = true;
  return HttpResponse::Text(
      200, auth::SignToken(claims, options_.try_key->first, options_.try_key->second));
}

}  // namespace sfu::http
