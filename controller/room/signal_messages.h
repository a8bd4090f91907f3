#pragma once

#include <string_view>

#include "proto/livekit/rtc.pb.h"

// Signal messages that are made in more than one place.
namespace sfu::room {

// As this client understands it: before protocol 13 there is no action, only `can_reconnect`
// (signaling contract, section 3.8).
livekit::SignalResponse MakeLeave(const livekit::ClientInfo& client,
                                  livekit::LeaveRequest::Action action,
                                  livekit::DisconnectReason reason);

// An answer to one request, before its echo is filled in (section 3.6).
livekit::RequestResponse MakeRequestResponse(livekit::RequestResponse::Reason reason,
                                             std::string_view message = "");

// Which reason others are told when a client leaves by itself: what it says, as far as it may.
livekit::DisconnectReason ReasonOfClientLeave(livekit::DisconnectReason said);

}  // namespace sfu::room
