#include "controller/server/join_token_command.h"

#include "common/auth/access_token.h"

namespace sfu::server {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(30 * 24);

}  // namespace

std::string JoinTokenText(const config::MakeJoinToken& request, absl::Time now) {
  auth::Claims claims;
  claims.identity = request.identity;
  claims.not_before = now;
  claims.expires_at = now + kLifetime;
  claims.video.emplace();
  claims.video->room_join = true;
  claims.video->room = request.room;
  if (request.recorder) {
    claims.video->hidden = true;
    claims.video->recorder = true;
    claims.video->can_publish = false;
    claims.video->can_publish_data = false;
  }
  const auto& [key, secret] = *request.config.keys.begin();
  return "Token: " + auth::SignToken(claims, key, secret) + "\n";
}

}  // namespace sfu::server
