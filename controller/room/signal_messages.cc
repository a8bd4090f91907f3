#include "controller/room/signal_messages.h"

#include "controller/room/client_traits.h"
#include "controller/room/room.h"

namespace sfu::room {

livekit::SignalResponse MakeLeave(const livekit::ClientInfo& client,
                                  livekit::LeaveRequest::Action action,
                                  livekit::DisconnectReason reason) {
  livekit::SignalResponse response;
  livekit::LeaveRequest& leave = *response.mutable_leave();
  leave.set_reason(reason);
  if (KnowsLeaveAction(client)) {
    leave.set_action(action);
  } else {
    leave.set_can_reconnect(action != livekit::LeaveRequest::DISCONNECT);
  }
  return response;
}

livekit::RequestResponse MakeRequestResponse(livekit::RequestResponse::Reason reason,
                                             std::string_view message) {
  livekit::RequestResponse response;
  response.set_reason(reason);
  response.set_message(message.data(), message.size());
  return response;
}

livekit::DisconnectReason ReasonOfClientLeave(livekit::DisconnectReason said) {
  switch (said) {
    case livekit::USER_UNAVAILABLE:
    case livekit::USER_REJECTED:
    case livekit::AGENT_ERROR:
      return said;
    default:
      return livekit::CLIENT_INITIATED;
  }
}

livekit::SignalResponse UnknownSessionLeave(const livekit::ClientInfo& client) {
  return MakeLeave(client, livekit::LeaveRequest::RECONNECT, livekit::STATE_MISMATCH);
}

}  // namespace sfu::room
