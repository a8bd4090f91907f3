#pragma once

#include <optional>
#include <utility>

#include "common/base/check.h"
#include "controller/room/ids.h"
#include "controller/room/outbox.h"

namespace sfu::room {

// Where a participant's messages go. The connection behind it may be gone and may be replaced by
// another one of the same client. What is said meanwhile is dropped: a resume tells the client the
// whole state anew, so nothing needs to be kept for it (resumption.h).
class SignalSink {
 public:
  SignalSink(Outbox& outbox, SessionId session) : outbox_(outbox), session_(session) {}

  std::optional<SessionId> session() const { return session_; }
  bool connected() const { return session_.has_value(); }

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

  // The client has come back by another connection. Precondition: the former one is over.
  void Attach(SessionId session) {
    SFU_CHECK(!session_);
    session_ = session;
  }

 private:
  Outbox& outbox_;
  std::optional<SessionId> session_;
};

}  // namespace sfu::room
