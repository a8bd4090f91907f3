#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <absl/time/time.h>

#include "common/auth/grants.h"
#include "common/time/clock.h"
#include "controller/api/http_message.h"
#include "controller/api/room_service.h"

namespace sfu::api {

// Hears of every finished call, for metrics. Any thread.
class ApiObserver {
 public:
  virtual ~ApiObserver() = default;
  // `code` is "" for a success.
  virtual void HandleApiCall(std::string_view service, std::string_view method, int status,
                             std::string_view code, absl::Duration duration) = 0;
};

// Everything below /twirp/: finds the service, answers routing mistakes, logs and reports calls
// (server API contract, sections 1.2 to 1.7). Thread-safe.
class ApiServer {
 public:
  // All must outlive the server and what it answers.
  ApiServer(actor::RoomRegistry& registry, const ServiceLimits& limits, const Clock& clock,
            ApiObserver& observer)
      : room_service_(registry, limits), clock_(clock), observer_(observer) {}

  // `path` is the target's, decoded of its query; `claims` null for a request without a token.
  void Handle(const HttpRequest& request, std::string_view path, const auth::Claims* claims,
              Respond respond);

 private:
  Respond Reported(const TwirpCall& call, Respond respond) const;

  RoomService room_service_;
  const Clock& clock_;
  ApiObserver& observer_;
};

}  // namespace sfu::api
