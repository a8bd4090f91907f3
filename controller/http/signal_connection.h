#pragma once

#include <memory>
#include <optional>

#include "common/runtime/loop.h"
#include "common/time/clock.h"
#include "controller/actor/room_registry.h"
#include "controller/actor/signal_listener.h"
#include "controller/http/signal_observer.h"
#include "controller/http/websocket.h"
#include "controller/signal/signal_session.h"

namespace sfu::http {

// Joins a WebSocket, a SignalSession and a room's session: the place where frames, time and
// messages meet. Lives on the connection's loop; what the room says is posted there.
class SignalConnection : public WebSocketUser,
                         public std::enable_shared_from_this<SignalConnection> {
 public:
  // Asks the room for a session. The socket is accepted with the room's first message, or refused.
  static std::shared_ptr<SignalConnection> Start(std::shared_ptr<WebSocket> socket,
                                                 room::JoinParameters parameters,
                                                 actor::RoomRegistry& rooms, const Clock& clock,
                                                 SignalObserver& observer);

  SignalConnection(std::shared_ptr<WebSocket> socket, int32_t protocol, const Clock& clock,
                   SignalObserver& observer);
  ~SignalConnection() override;

  void HandleFrame(signal::FrameKind kind, absl::Span<const uint8_t> frame) override;
  void HandlePong() override;
  void HandleClosed() override;

 private:
  class Listener;

  void HandleJoined(actor::JoinReply reply);
  void HandleResponse(const livekit::SignalResponse& response);
  void HandleRoomClose();
  void HandleTimeout();
  void PerformOutputs();
  // Without the room: the client gets an HTTP answer.
  void Report(SignalObserver::JoinOutcome outcome);
  void Refuse(int status, std::string_view text);
  room::Moment Now() const;

  std::shared_ptr<WebSocket> socket_;  // Null once the connection is over.
  Loop& loop_;
  const Clock& clock_;
  SignalObserver& observer_;
  const int32_t protocol_;  // As the client says it.
  signal::SignalSession session_;
  std::unique_ptr<LoopTimer> timer_;
  const Timestamp started_at_;
  const Timestamp start_deadline_;
  bool accepted_ = false;                   // Or refused.
  std::optional<actor::SessionPort> port_;  // While the room counts on us.
};

}  // namespace sfu::http
