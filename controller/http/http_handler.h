#pragma once

#include <memory>

#include "controller/api/http_message.h"
#include "controller/http/websocket.h"

namespace sfu::http {

// What an HttpServer serves. Called on the loops of its connections, so from several threads.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  virtual void HandleRequest(api::HttpRequest request, api::Respond respond) = 0;

  // The request asks for a WebSocket. May decide at once or later.
  virtual std::shared_ptr<WebSocketUser> HandleUpgrade(api::HttpRequest request,
                                                       std::shared_ptr<WebSocket> socket) = 0;
};

}  // namespace sfu::http
