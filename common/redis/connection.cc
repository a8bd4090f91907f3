#include "common/redis/connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace sfu::redis {
namespace asio = boost::asio;

std::shared_ptr<Connection> Connection::Open(asio::io_context& context, const Endpoint& endpoint,
                                             std::shared_ptr<TlsContext> tls, Handlers handlers) {
  const std::shared_ptr<Connection> connection(
      new Connection(context, endpoint, std::move(tls), std::move(handlers)));
  connection->Start();
  return connection;
}

Connection::Connection(asio::io_context& context, const Endpoint& endpoint,
                       std::shared_ptr<TlsContext> tls, Handlers handlers)
    : endpoint_(endpoint),
      tls_(std::move(tls)),
      handlers_(std::move(handlers)),
      resolver_(context),
      socket_(context) {}

void Connection::Start() {
  if (!endpoint_.path.empty()) {
    constexpr size_t kMaxPath = 107;  // sun_path less its end; the endpoint would throw.
    if (endpoint_.path.size() > kMaxPath) {
      asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->Fail("use the path of", asio::error::name_too_long);
      });
      return;
    }
    candidates_.emplace_back(asio::local::stream_protocol::endpoint(endpoint_.path));
    ConnectNext();
    return;
  }
  resolver_.async_resolve(endpoint_.host, std::to_string(endpoint_.port),
                          asio::ip::tcp::resolver::numeric_service,
                          [self = shared_from_this()](const ErrorCode& error, const auto& results) {
                            if (error) {
                              self->Fail("resolve", error);
                              return;
                            }
                            for (const auto& result : results) {
                              self->candidates_.emplace_back(result.endpoint());
                            }
                            std::reverse(self->candidates_.begin(), self->candidates_.end());
                            self->ConnectNext();
                          });
}

void Connection::ConnectNext() {
  if (closed_) {
    return;
  }
  const auto candidate = candidates_.back();
  candidates_.pop_back();
  ErrorCode ignored;
  socket_.close(ignored);
  socket_.async_connect(candidate, [self = shared_from_this()](const ErrorCode& error) {
    if (!error) {
      self->HandleConnected();
    } else if (self->candidates_.empty()) {
      self->Fail("connect to", error);
    } else {
      self->ConnectNext();
    }
  });
}

void Connection::HandleConnected() {
  if (closed_) {
    return;
  }
  if (endpoint_.path.empty()) {
    ErrorCode ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  if (tls_ == nullptr) {
    HandleOpen();
    return;
  }
  secure_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, tls_->context());
  tls_->PrepareClient(*secure_->native_handle(), endpoint_.host);
  secure_->async_handshake(asio::ssl::stream_base::client,
                           [self = shared_from_this()](const ErrorCode& error) {
                             if (error) {
                               self->Fail("agree on TLS with", error);
                             } else {
                               self->HandleOpen();
                             }
                           });
}

void Connection::HandleOpen() {
  if (closed_) {
    return;
  }
  Read();
  handlers_.opened();
}

void Connection::Read() {
  const auto on_read = [self = shared_from_this()](const ErrorCode& error, size_t size) {
    if (error) {
      self->Fail("read from", error);
      return;
    }
    if (self->closed_) {
      return;
    }
    self->handlers_.received(std::string_view(self->received_.data(), size));
    if (!self->closed_) {
      self->Read();
    }
  };
  if (secure_) {
    secure_->async_read_some(asio::buffer(received_), on_read);
  } else {
    socket_.async_read_some(asio::buffer(received_), on_read);
  }
}

void Connection::Write(std::string bytes) {
  if (pending_.empty()) {
    pending_ = std::move(bytes);
  } else {
    pending_ += bytes;
  }
  if (writing_.empty()) {
    WritePending();
  }
}

void Connection::WritePending() {
  if (closed_ || pending_.empty()) {
    return;
  }
  writing_ = std::exchange(pending_, {});
  const auto on_written = [self = shared_from_this()](const ErrorCode& error, size_t) {
    if (error) {
      self->Fail("write to", error);
      return;
    }
    self->writing_.clear();
    self->WritePending();
  };
  if (secure_) {
    asio::async_write(*secure_, asio::buffer(writing_), on_written);
  } else {
    asio::async_write(socket_, asio::buffer(writing_), on_written);
  }
}

void Connection::Fail(std::string_view doing, const ErrorCode& error) {
  if (closed_) {
    return;
  }
  const auto closed = std::move(handlers_.closed);
  std::string words = error.message();
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::ssl::error::stream_truncated) {
    words = "the server closed the connection";
  } else if (tls_ != nullptr && secure_ != nullptr) {
    words = tls_->Explain(*secure_->native_handle(), words);
  }
  Close();
  closed(absl::UnavailableError(fmt::format("cannot {} {}: {}", doing, endpoint_.ToText(), words)));
}

void Connection::Close() {
  closed_ = true;
  resolver_.cancel();
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace sfu::redis
