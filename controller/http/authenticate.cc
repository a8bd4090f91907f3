#include "controller/http/authenticate.h"

#include <string>
#include <string_view>
#include <utility>

#include "controller/http/route.h"
#include "controller/signal/query_parameters.h"

namespace sfu::http {

Expected<std::optional<auth::Claims>, api::HttpResponse> Authenticate(
    const api::HttpRequest& request, const auth::Keys& keys, absl::Time now) {
  std::string token;
  if (const std::string_view header = request.Header("authorization"); !header.empty()) {
    if (!header.starts_with(auth::kBearerPrefix)) {
      return Unexpected{api::HttpResponse::Text(401, auth::kMissingBearerText)};
    }
    token = std::string(header.substr(auth::kBearerPrefix.size()));
  } else {
    const signal::QueryParameters query = signal::QueryParameters::Parse(QueryOf(request.target));
    token = std::string(query.Get("access_token"));
  }
  if (token.empty()) {
    return std::optional<auth::Claims>();
  }
  const Expected<auth::Claims, auth::TokenRefusal> claims = auth::VerifyToken(token, keys, now);
  if (!claims) {
    return Unexpected{api::HttpResponse::Text(401, auth::RefusalText(claims.error()))};
  }
  return std::optional<auth::Claims>(*claims);
}

}  // namespace sfu::http
