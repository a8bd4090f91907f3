#pragma once

#include <optional>
#include <string>

#include <absl/functional/any_invocable.h>

#include "common/base/expected.h"
#include "controller/actor/session_port.h"
#include "controller/room/join_parameters.h"

namespace sfu::actor {

// Why a checked request did not become a session, as the HTTP answer that clients understand
// (signaling contract, section 1.4).
struct JoinError {
  int http_status = 500;
  std::string text;
};

// A session, or none where the room has already said its only word (a Leave) to the listener.
using JoinReply = Expected<std::optional<SessionPort>, JoinError>;
// Called on the room's loop.
using JoinCallback = absl::AnyInvocable<void(JoinReply)>;

JoinError ErrorFor(room::JoinRefusal refusal);

}  // namespace sfu::actor
