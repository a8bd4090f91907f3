#include "controller/actor/join_reply.h"

namespace sfu::actor {

JoinError ErrorFor(room::JoinRefusal refusal) {
  switch (refusal) {
    case room::JoinRefusal::kRoomFull:
      // 403 rather than a 5xx: JavaScript shows the reason of a 401, 403 or 404 only.
      return {403, "room has exceeded its max participants"};
    case room::JoinRefusal::kRoomClosed:
      return {503, "room is closing, try again"};
    case room::JoinRefusal::kMetadataTooLong:
      return {400, "metadata size exceeds limits"};
    case room::JoinRefusal::kAttributesTooLong:
      return {400, "attribute size exceeds limits"};
    case room::JoinRefusal::kNameTooLong:
      return {400, "name length exceeds limits"};
  }
  return {500, "could not join"};
}

}  // namespace sfu::actor
