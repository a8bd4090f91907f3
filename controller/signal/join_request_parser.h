#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/auth/grants.h"
#include "common/base/expected.h"
#include "controller/room/join_parameters.h"
#include "controller/signal/query_parameters.h"

namespace sfu::signal {

// An HTTP answer in place of a session: status and plain text body.
struct HttpRefusal {
  int status = 400;
  std::string text;
};

enum class Path {
  kV0,  // /rtc: two peer connections, unless a join_request is given.
  kV1,  // /rtc/v1: one, and join_request is required.
};

// Inflated or raw, a JoinRequest ends here.
inline constexpr size_t kMaxJoinRequestBytes = 1024 * 1024;

struct JoinHttpRequest {
  Path path = Path::kV0;
  const QueryParameters& query;
  std::string_view user_agent;  // Fills in what a v0 client did not say about itself.
  // Of the validate endpoint: it answers some mistakes that a session is started in spite of.
  bool validate = false;
};

// Turns a request into a JoinParameters, or into the refusal the clients know (signaling contract,
// sections 1.4, 1.6 and 1.7). `claims` is nullptr when the request had no token.
// Does not know whether the room exists or is full.
Expected<room::JoinParameters, HttpRefusal> ParseJoin(const JoinHttpRequest& request,
                                                      const auth::Claims* claims);

}  // namespace sfu::signal
