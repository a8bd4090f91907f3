#pragma once

#include <atomic>
#include <memory>
#include <set>

#include <boost/asio/ip/tcp.hpp>

#include "controller/http/http_handler.h"
#include "controller/http/http_server.h"

// For controller/http only: the seam between accepting connections and serving them, so that the
// heavy part of the HTTP library is compiled once.
namespace sfu::http {

// Something that can be told to end at once. On its loop.
class Abortable {
 public:
  virtual ~Abortable() = default;
  virtual void Abort() = 0;
  virtual bool is_websocket() const = 0;
};

// What all connections of one loop share.
struct ConnectionSurroundings {
  const HttpServerOptions& options;
  HttpHandler& handler;
  AsioLoop& loop;
  HttpCounters& counters;
  std::atomic<int>& open;             // Over all loops.
  std::set<Abortable*>& connections;  // Those of this loop.
};

// Serves the connection until it ends. On the loop.
void ServeConnection(boost::asio::ip::tcp::socket socket, const ConnectionSurroundings& around);

}  // namespace sfu::http
