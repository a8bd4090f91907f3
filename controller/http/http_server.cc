#include "controller/http/http_server.h"

#include <deque>
#include <set>
#include <utility>

#include <absl/synchronization/mutex.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "common/log/log.h"
#include "controller/http/connection.h"
#include "controller/http/tls_certificate.h"

namespace sfu::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 1024;

absl::Status BindError(const tcp::endpoint& endpoint, const error_code& error) {
  return absl::UnavailableError(
      fmt::format("cannot listen on {} port {}: {}{}", endpoint.address().to_string(),
                  endpoint.port(), error.message(),
                  error == boost::asio::error::address_in_use
                      ? ". Is another server running? Choose another port with --port"
                      : ""));
}

error_code Open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool dual_stack) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    // A killed server's port is usable again at once.
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(boost::asio::ip::v6_only(!dual_stack), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(kBacklog, error);
  }
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

class AsioHttpServer : public HttpServer {
 public:
  AsioHttpServer(HttpServerOptions options, std::vector<AsioLoop*> loops, HttpHandler& handler)
      : options_(std::move(options)),
        handler_(handler),
        loops_(std::move(loops)),
        counters_(loops_.size()),
        connections_(loops_.size()) {}

  ~AsioHttpServer() override { Stop(absl::ZeroDuration()); }

  absl::Status LoadCertificate() {
    if (!options_.tls) {
      return absl::OkStatus();
    }
    auto certificate = TlsCertificate::Load(loops_.front()->Now(), *options_.tls);
    if (!certificate.ok()) {
      return certificate.status();
    }
    certificate_ = *std::move(certificate);
    return absl::OkStatus();
  }

  absl::Status Bind() {
    if (options_.addresses.empty()) {
      return BindAll();
    }
    absl::Status last = absl::OkStatus();
    for (const std::string& address : options_.addresses) {
      error_code error;
      const boost::asio::ip::address ip = boost::asio::ip::make_address(address, error);
      if (!error) {
        error = Add(tcp::endpoint(ip, port()), /*dual_stack=*/false);
      }
      if (!error) {
        continue;
      }
      last = BindError(tcp::endpoint(ip, port()), error);
      // A machine without IPv6 has no ::1; that is no reason not to serve 127.0.0.1.
      if (error != boost::asio::error::address_family_not_supported &&
          error != boost::system::errc::address_not_available) {
        return last;
      }
      log::Write(log::Level::kWarning, "http.address_skipped",
                 {{"reason", log::Public(error.message())}});
    }
    return acceptors_.empty() ? last : absl::OkStatus();
  }

  void Start() {
    RunAndWait(*loops_.front(), [this] {
      for (Acceptor& acceptor : acceptors_) {
        Accept(acceptor);
      }
    });
  }

  uint16_t port() const override { return acceptors_.empty() ? options_.port : port_; }
  const std::vector<HttpCounters>& counters() const override { return counters_; }

  void Stop(absl::Duration grace) override {
    if (std::exchange(stopped_, true)) {
      return;
    }
    RunAndWait(*loops_.front(), [this] {
      for (Acceptor& acceptor : acceptors_) {
        error_code ignored;
        acceptor.acceptor.close(ignored);
        acceptor.pause.cancel();
      }
    });
    AbortAll(/*websockets_too=*/false);
    // The last connections leave one by one; a wait of a few seconds at the very end of the
    // process.
    absl::Mutex mutex;
    const absl::MutexLock lock(&mutex);
    const auto never = [] { return false; };
    for (absl::Duration waited; open_ > 0 && waited < grace; waited += absl::Milliseconds(10)) {
      mutex.AwaitWithTimeout(absl::Condition(&never), absl::Milliseconds(10));
    }
    AbortAll(/*websockets_too=*/true);
    for (int round = 0; open_ > 0 && round < 100; ++round) {
      mutex.AwaitWithTimeout(absl::Condition(&never), absl::Milliseconds(10));
    }
  }

 private:
  struct Acceptor {
    explicit Acceptor(boost::asio::io_context& context) : acceptor(context), pause(context) {}

    tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
  };

  absl::Status BindAll() {
    const tcp::endpoint v6(tcp::v6(), options_.port);
    if (!Add(v6, /*dual_stack=*/true)) {
      return absl::OkStatus();
    }
    const tcp::endpoint v4(tcp::v4(), options_.port);
    const error_code error = Add(v4, /*dual_stack=*/false);
    return error ? BindError(v4, error) : absl::OkStatus();
  }

  error_code Add(const tcp::endpoint& endpoint, bool dual_stack) {
    acceptors_.emplace_back(loops_.front()->io_context());
    const error_code error = Open(acceptors_.back().acceptor, endpoint, dual_stack);
    if (error) {
      acceptors_.pop_back();
    } else {
      port_ = acceptors_.back().acceptor.local_endpoint().port();
    }
    return error;
  }

  void Accept(Acceptor& acceptor) {
    const size_t index = next_loop_++ % loops_.size();
    acceptor.acceptor.async_accept(
        loops_[index]->io_context(),
        [this, &acceptor, index](const error_code& error, tcp::socket socket) {
          if (error == boost::asio::error::operation_aborted || !acceptor.acceptor.is_open()) {
            return;
          }
          if (error) {
            // Out of file descriptors, usually: trying again at once would only burn CPU.
            log::Write(log::Level::kError, "http.accept_failed",
                       {{"reason", log::Public(error.message())}});
            acceptor.pause.expires_after(std::chrono::milliseconds(100));
            acceptor.pause.async_wait([this, &acceptor](const error_code& cancelled) {
              if (!cancelled) {
                Accept(acceptor);
              }
            });
            return;
          }
          Serve(std::move(socket), index);
          Accept(acceptor);
        });
  }

  void Serve(tcp::socket socket, size_t index) {
    if (open_ >= static_cast<int>(options_.connection_limit)) {
      counters_.front().refused_over_limit.Add();
      return;
    }
    ++open_;
    std::shared_ptr<boost::asio::ssl::context> tls;
    if (certificate_ != nullptr) {
      tls = certificate_->ContextAt(loops_.front()->Now());
    }
    loops_[index]->Post([this, index, tls = std::move(tls), socket = std::move(socket)]() mutable {
      counters_[index].connections.Add();
      const ConnectionSurroundings around = {.options = options_,
                                             .handler = handler_,
                                             .loop = *loops_[index],
                                             .counters = counters_[index],
                                             .open = open_,
                                             .connections = connections_[index]};
      if (tls != nullptr) {
        ServeTlsConnection(std::move(socket), *tls, around);
      } else {
        ServePlainConnection(std::move(socket), around);
      }
    });
  }

  void AbortAll(bool websockets_too) {
    for (size_t index = 0; index < loops_.size(); ++index) {
      RunAndWait(*loops_[index], [&] {
        // Aborting ends a connection a task later, so the set stays as it is here.
        for (Abortable* connection : connections_[index]) {
          if (websockets_too || !connection->is_websocket()) {
            connection->Abort();
          }
        }
      });
    }
  }

  const HttpServerOptions options_;
  HttpHandler& handler_;
  const std::vector<AsioLoop*> loops_;
  std::vector<HttpCounters> counters_;
  std::vector<std::set<Abortable*>> connections_;  // Each on its loop.
  std::deque<Acceptor> acceptors_;                 // On the first loop.
  std::unique_ptr<TlsCertificate> certificate_;    // On the first loop; null: plain.
  uint16_t port_ = 0;
  size_t next_loop_ = 0;  // On the first loop.
  std::atomic<int> open_ = 0;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(HttpServerOptions options,
                                                               std::vector<AsioLoop*> loops,
                                                               HttpHandler& handler) {
  auto server = std::make_unique<AsioHttpServer>(std::move(options), std::move(loops), handler);
  if (const absl::Status status = server->LoadCertificate(); !status.ok()) {
    return status;
  }
  if (const absl::Status status = server->Bind(); !status.ok()) {
    return status;
  }
  server->Start();
  return server;
}

}  // namespace sfu::http
