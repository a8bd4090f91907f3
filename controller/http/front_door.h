#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/access_token.h"
#include "common/time/clock.h"
#include "controller/actor/room_registry.h"
#include "controller/api/api_server.h"
#include "controller/http/http_handler.h"
#include "controller/http/route.h"
#include "controller/http/signal_observer.h"

namespace sfu::http {

// A file that the server carries with it, for the page at /try.
struct Asset {
  std::string_view content_type;
  std::string_view body;
};
// By name, e.g. "index.html"; nullopt when there is none.
using FindAsset = std::function<std::optional<Asset>(std::string_view name)>;

// Decides what a request is for and who may make it: every route of the signaling contract
// (section 1.1) and of the server API, and the answers to those who may not. Thread-safe.
class FrontDoor : public HttpHandler {
 public:
  struct Options {
    auth::Keys keys;
    std::vector<livekit::ICEServer> ice_servers;  // Given to every client.
    FindAsset find_asset;                         // Empty: no page at /try.
    // Makes tokens for that page, for anybody who asks: only ever a key that everybody knows.
    std::optional<std::pair<std::string, std::string>> try_key;
    // False makes health answer 406, and /livez 503.
    std::function<bool()> is_healthy = [] { return true; };
    // Why new rooms cannot be taken, if so: /readyz answers 503 then.
    std::function<std::optional<std::string>()> why_not_ready = [] { return std::nullopt; };
  };

  // All must outlive it and what it answers.
  FrontDoor(Options options, actor::RoomRegistry& rooms, api::ApiServer& api, const Clock& clock,
            SignalObserver& observer);

  void HandleRequest(api::HttpRequest request, api::Respond respond) override;
  std::shared_ptr<WebSocketUser> HandleUpgrade(api::HttpRequest request,
                                               std::shared_ptr<WebSocket> socket) override;

  // From now on nobody gets in: the server is stopping.
  void Drain() { draining_ = true; }

  // What /livez and /readyz say: nullopt when all is well. Neither looks at Redis: a directory that
  // is away must not get servers killed.
  std::optional<std::string> WhyNotLive() const;
  std::optional<std::string> WhyNotReady() const;

 private:
  void Dispatch(const api::HttpRequest& request, Route route, api::Respond respond);
  void Validate(const api::HttpRequest& request, Route route, const auth::Claims* claims,
                api::Respond respond);
  api::HttpResponse Health(const api::HttpRequest& request) const;
  api::HttpResponse AnswerProbe(const api::HttpRequest& request, Route route) const;
  api::HttpResponse TryPage(const api::HttpRequest& request) const;
  api::HttpResponse TryToken(std::string_view query) const;
  Expected<room::JoinParameters, api::HttpResponse> Parameters(const api::HttpRequest& request,
                                                               Route route,
                                                               const auth::Claims* claims) const;

  const Options options_;
  actor::RoomRegistry& rooms_;
  api::ApiServer& api_;
  const Clock& clock_;
  SignalObserver& observer_;
  std::atomic<bool> draining_ = false;
};

}  // namespace sfu::http
