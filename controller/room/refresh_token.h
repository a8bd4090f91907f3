#pragma once

#include "controller/room/member.h"
#include "controller/room/room_options.h"

namespace sfu::room {

// Hands the client a token that is good for its next connection, whatever has become of the one it
// came with (signaling contract, section 2.6; trap 9). Arms the member's next one.
void SendRefreshToken(Moment moment, Member& member, const RoomOptions& options);

}  // namespace sfu::room
