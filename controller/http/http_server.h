#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/metrics/counter.h"
#include "common/runtime/asio_loop.h"
#include "controller/http/http_handler.h"
#include "controller/http/tls_files.h"

namespace sfu::http {

struct HttpServerOptions {
  std::vector<std::string> addresses;  // IP literals. Empty: all.
  uint16_t port = 0;                   // 0: the system chooses.

  std::optional<TlsFiles> tls;  // None: plain TCP.

  // Request line and headers together. A v1 join carries an SDP offer in its URL (trap 5).
  size_t header_limit_bytes = 1024 * 1024;
  size_t body_limit_bytes = 10 * 1024 * 1024;  // 413 beyond.
  size_t message_limit_bytes = 2 * 1024 * 1024;
  // Waiting for one client to read. Beyond, it is cut off and will come back.
  size_t send_queue_limit_bytes = 16 * 1024 * 1024;
  size_t send_queue_limit_messages = 4096;
  size_t connection_limit = 50'000;
  // For a whole request to arrive, and for a kept connection to bring the next one.
  absl::Duration request_timeout = absl::Seconds(60);
};

// Written by the connections' loops, one writer each.
struct HttpCounters {
  Counter connections;
  Counter refused_over_limit;
  Counter bad_requests;
  Counter send_queue_overflows;
};

// HTTP/1.1 and WebSocket, on plain TCP (TLS ends at a proxy) or with TLS of its own. Accepts on the
// first loop, spreads connections over all of them; each connection stays on its loop.
class HttpServer {
 public:
  // Binds and listens. The status of a failure names address and port, or certificate file, and
  // what to do. `loops` and
  // `handler` must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(HttpServerOptions options,
                                                            std::vector<AsioLoop*> loops,
                                                            HttpHandler& handler);
  virtual ~HttpServer() = default;

  virtual uint16_t port() const = 0;
  virtual const std::vector<HttpCounters>& counters() const = 0;  // Per loop.

  // No new connections. WebSockets get `grace` to be closed by their users; then everything is
  // cut. Not on one of the loops; idempotent.
  virtual void Stop(absl::Duration grace) = 0;
};

}  // namespace sfu::http
