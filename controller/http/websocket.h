#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <absl/types/span.h>

#include "common/runtime/loop.h"
#include "controller/api/http_message.h"
#include "controller/signal/signal_codec.h"

// The two ends of a WebSocket inside the server: the connection, which knows the HTTP library, and
// its user, which does not. Both live on the connection's loop.
namespace sfu::http {

// The connection's end. Starts as a request that is neither answered nor upgraded: all checks are
// made, and the first message is there, before the 101 (trap 7).
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  virtual Loop& loop() = 0;

  // One of these two comes first, and once.
  virtual void Accept() = 0;
  virtual void Refuse(api::HttpResponse response) = 0;

  // After Accept(); what is sent goes out in order, after the 101. A client that does not read fast
  // enough for the queue's limits is cut off.
  virtual void Send(signal::FrameKind kind, std::string payload) = 0;
  virtual void Ping() = 0;
  // After everything sent before. Nothing is sent after it.
  virtual void Close(uint16_t code) = 0;
};

// The user's end.
class WebSocketUser {
 public:
  virtual ~WebSocketUser() = default;

  virtual void HandleFrame(signal::FrameKind kind, absl::Span<const uint8_t> frame) = 0;
  virtual void HandlePong() = 0;
  // The connection is over, or was refused. The last call.
  virtual void HandleClosed() = 0;
};

}  // namespace sfu::http
