#pragma once

#include <cstdint>

#include <absl/time/time.h>

#include "proto/livekit/rtc.pb.h"

namespace sfu::http {

// Hears of attempts to join and of signal messages, for metrics. Any thread.
class SignalObserver {
 public:
  enum class JoinOutcome {
    kConnected,         // The WebSocket is accepted, and the first response is on its way.
    kValidationFailed,  // The token or the parameters are no good.
    kRefused,           // The room, or a server that is stopping, said no.
    kClientGone,        // Before the first response could be written.
  };

  virtual ~SignalObserver() = default;

  // `protocol` as the client says it; `latency` since the request, of kConnected.
  virtual void HandleJoin(JoinOutcome outcome, int32_t protocol, absl::Duration latency) = 0;
  virtual void HandleRequest(bool understood) = 0;
  virtual void HandleResponse(livekit::SignalResponse::MessageCase message, bool sent) = 0;
};

}  // namespace sfu::http
