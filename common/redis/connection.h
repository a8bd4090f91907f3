#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "common/redis/redis_options.h"
#include "common/redis/tls_context.h"

namespace sfu::redis {

// One byte stream to a server: TCP or a Unix socket, with TLS if asked. Lives on the io_context's
// loop. Pending operations keep it alive; Close() ends them, and nothing is called after it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Handlers {
    std::function<void()> opened;  // Once, unless `closed` comes first.
    std::function<void(std::string_view bytes)> received;
    std::function<void(absl::Status reason)> closed;  // Once; the last call.
  };

  // `tls` is null for a plain stream; shared with whoever else uses it.
  static std::shared_ptr<Connection> Open(boost::asio::io_context& context,
                                          const Endpoint& endpoint, std::shared_ptr<TlsContext> tls,
                                          Handlers handlers);

  // After `opened`. What is written while a write is under way goes out as one with the next.
  void Write(std::string bytes);

  void Close();

 private:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using ErrorCode = boost::system::error_code;

  Connection(boost::asio::io_context& context, const Endpoint& endpoint,
             std::shared_ptr<TlsContext> tls, Handlers handlers);

  void Start();
  void ConnectNext();
  void HandleConnected();
  void HandleOpen();
  void Read();
  void WritePending();
  // `doing`: "connect to", for the words of the reason.
  void Fail(std::string_view doing, const ErrorCode& error);

  const Endpoint endpoint_;
  const std::shared_ptr<TlsContext> tls_;
  Handlers handlers_;
  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<Socket&>> secure_;                // Around socket_.
  std::vector<boost::asio::generic::stream_protocol::endpoint> candidates_;  // Still to try.
  std::array<char, 16 * 1024> received_;
  std::string writing_;
  std::string pending_;
  bool closed_ = false;
};

}  // namespace sfu::redis
