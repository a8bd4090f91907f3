#pragma once

#include "common/time/timestamp.h"

namespace sfu {

// Puts every gettimeofday() of this process at `now`: the dynamic linker binds OpenSSL's DTLS
// timer, the one clock we cannot pass in, to the definition in this library. Until the first call
// gettimeofday() tells the real time. Not for binaries with more than one thread.
void SetSimulatedTimeOfDay(Timestamp now);

}  // namespace sfu
