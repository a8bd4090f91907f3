#pragma once

#include <optional>

#include <absl/time/time.h>

#include "common/auth/access_token.h"
#include "common/base/expected.h"
#include "controller/api/http_message.h"

namespace sfu::http {

// Whose token a request carries: in its Authorization header, or else in the query parameter
// `access_token`. Nullopt without a token: whether one is needed, the endpoint decides. The refusal
// is the 401 to answer with (signaling contract, sections 1.3 and 1.4).
Expected<std::optional<auth::Claims>, api::HttpResponse> Authenticate(
    const api::HttpRequest& request, const auth::Keys& keys, absl::Time now);

}  // namespace sfu::http
