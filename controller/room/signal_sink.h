#pragma once

#include <optional>
#include <utility>

#include "controller/room/ids.h"
#include "controller/room/outbox.h"

namespace sfu::room {

// Where a participant's messages go. The connection behind it may be gone (they are dropped then)
// and may be replaced by another one of the same client.
class SignalSink {
 public:
  SignalSink(Outbox& outbox, SessionId session) : outbox_(outbox), session_(session) {}

  std::optional<SessionId> session() const { return session_; }

  void Send(livekit::SignalResponse response) {
    if (session_) {
      outbox_.Push(SendSignal{*session_, std::move(response)});
    }
  }

  // After this the connection is over for us.
  void Close() {
    if (session_) {
      outbox_.Push(CloseSignal{*session_});
      session_.reset();
    }
  }

  // The connection went away by itself.
  void Detach() { session_.reset(); }

 private:
  Outbox& outbox_;
  std::optional<SessionId> session_;
};

}  // namespace sfu::room
