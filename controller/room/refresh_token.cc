#include "controller/room/refresh_token.h"

#include <utility>

#include <absl/time/time.h>

#include "common/auth/access_token.h"

namespace sfu::room {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(5);

}  // namespace

void SendRefreshToken(Moment moment, Member& member, const RoomOptions& options) {
  if (options.token_key.empty()) {
    return;
  }
  member.refresh_due = moment.now + kInterval;
  livekit::SignalResponse response;
  response.set_refresh_token(auth::SignToken(member.participant.ClaimsForRefresh(moment.wall),
                                             options.token_key, options.token_secret));
  member.signal.Send(std::move(response));
}

}  // namespace sfu::room
