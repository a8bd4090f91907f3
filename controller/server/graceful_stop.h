#pragma once

#include <absl/time/time.h>

#include "common/runtime/stop_signal.h"
#include "controller/server/controller.h"

// How a process with a controller in it ends (operations contract, section 1.4).
namespace sfu::server {

// Waits for the first signal. From then on the controller drains: calls go on, people may join
// them, no new room begins. Returns when nobody is in a room any more (at once, when nobody is),
// when `drain_timeout` is over (zero: never), or with the second signal. Clients have not been told
// yet: that is Stop()'s.
void DrainOnSignal(Controller& controller, absl::Duration drain_timeout, StopSignal& signals);

// Stops the controller, which tells the clients; a signal meanwhile ends the process at once, with
// exit code 0.
void StopUnlessForced(Controller& controller, StopSignal& signals);

}  // namespace sfu::server
