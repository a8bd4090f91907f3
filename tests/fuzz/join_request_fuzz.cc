#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/strings/escaping.h>

#include "common/base/check.h"
#include "controller/signal/join_request_parser.h"

// Any bytes as the query of a join, and as the content of its join_request. What is accepted must
// be fit to be sent to others.
namespace {

void Try(sfu::signal::Path path, std::string_view query, const sfu::auth::Claims& claims) {
  using namespace sfu::signal;
  const QueryParameters parameters = QueryParameters::Parse(query);
  const auto join = ParseJoin(
      {.path = path, .query = parameters, .user_agent = query.substr(0, 64), .validate = true},
      &claims);
  if (!join) {
    SFU_CHECK(join.error().status == 400 || join.error().status == 401);
    SFU_CHECK(!join.error().text.empty());
    return;
  }
  livekit::ClientInfo copy;
  SFU_CHECK(copy.ParseFromString(join->client.SerializeAsString()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  sfu::auth::Claims claims;
  claims.identity = "alice";
  claims.video.emplace().room_join = true;
  claims.video->room = "lobby";
  claims.video->can_update_own_metadata = true;
  Try(sfu::signal::Path::kV0, input, claims);

  livekit::WrappedJoinRequest wrapped;
  wrapped.set_join_request(std::string(input));
  for (const auto compression :
       {livekit::WrappedJoinRequest::NONE, livekit::WrappedJoinRequest::GZIP}) {
    wrapped.set_compression(compression);
    std::string encoded;
    absl::WebSafeBase64Escape(wrapped.SerializeAsString(), &encoded);
    Try(sfu::signal::Path::kV1, "join_request=" + encoded, claims);
  }
  return 0;
}
