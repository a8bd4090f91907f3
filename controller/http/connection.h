#pragma once

#include <atomic>
#include <memory>
#include <set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "controller/http/http_handler.h"
#include "controller/http/http_server.h"

// For controller/http only: the seam between accepting connections and serving them, so that the
// heavy part of the HTTP library is compiled once for each of the two kinds.
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

// Serve the connection until it ends. On the loop.
void ServePlainConnection(boost::asio::ip::tcp::socket socket,
                          const ConnectionSurroundings& around);
void ServeTlsConnection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context,
                        const ConnectionSurroundings& around);

}  // namespace sfu::http
