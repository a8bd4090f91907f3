#pragma once

// For plain_connection.cc and tls_connection.cc only: what sees Beast takes half a minute and more
// to compile, once per kind of stream.
//
// g++ 12 destroys temporaries made with braces twice when their full expression contains a
// co_await (tools/check_coroutines.py): operands are named first.

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "common/log/log.h"
#include "controller/http/connection.h"

namespace sfu::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using beast::error_code;
using signal::FrameKind;

// Errors come back as values.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// For the opening and closing handshakes of TLS and of a WebSocket.
inline constexpr std::chrono::seconds kHandshakeTimeout(5);

// One accepted socket: HTTP requests one after the other, until it closes or becomes a WebSocket.
// Lives on its loop; its coroutines share its ownership. `Stream` is beast::tcp_stream, or an SSL
// stream over one.
template <typename Stream>
class HttpConnection : public WebSocket,
                       public Abortable,
                       public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, const ConnectionSurroundings& around)
      : around_(around),
        stream_(std::move(stream)),
        wake_(stream_.get_executor()),
        close_deadline_(stream_.get_executor()) {
    around_.connections.insert(this);
  }
  ~HttpConnection() override {
    around_.connections.erase(this);
    --around_.open;
  }

  // `self` keeps the connection alive, as in all coroutines here.
  static asio::awaitable<void> Serve(std::shared_ptr<HttpConnection> self) {
    const bool secure = co_await self->Secure();
    if (!secure) {
      co_return;
    }
    while (!self->aborted_) {
      const bool complete = co_await self->ReadRequest();
      if (!complete) {
        break;
      }
      if (beast::websocket::is_upgrade(self->parser_->get())) {
        co_await ServeWebSocket(self);
        co_return;
      }
      const bool keep = co_await self->AnswerRequest();
      if (!keep) {
        break;
      }
    }
    co_await self->TakeLeave();
  }

  // --- WebSocket.

  Loop& loop() override { return around_.loop; }
  void Accept() override {
    decided_ = true;
    wake_.cancel();
  }
  void Refuse(api::HttpResponse response) override {
    decided_ = true;
    response_ = std::move(response);
    wake_.cancel();
  }
  void Send(FrameKind kind, std::string payload) override {
    queued_bytes_ += payload.size();
    Enqueue(Frame{.kind = kind, .payload = std::move(payload)});
  }
  void Ping() override { Enqueue(PingFrame()); }
  void Close(uint16_t code) override {
    Enqueue(CloseFrame{code});
    // A client that reads nothing more would keep what is queued before from ever going out.
    close_deadline_.expires_after(kHandshakeTimeout);
    close_deadline_.async_wait([weak = this->weak_from_this()](const error_code& cancelled) {
      const std::shared_ptr<HttpConnection> self = weak.lock();
      if (!cancelled && self != nullptr) {
        self->Abort();
      }
    });
  }

  // --- Abortable.

  void Abort() override {
    aborted_ = true;
    wake_.cancel();
    error_code ignored;
    if (socket_) {
      beast::get_lowest_layer(*socket_).socket().close(ignored);
    } else {
      Transport().socket().close(ignored);
    }
  }
  bool is_websocket() const override { return user_ != nullptr; }

 private:
  using Request = beast::http::request<beast::http::string_body>;
  using Parser = beast::http::request_parser<beast::http::string_body>;
  using Socket = beast::websocket::stream<Stream>;

  struct PingFrame {};
  struct Frame {
    FrameKind kind;
    std::string payload;
  };
  struct CloseFrame {
    uint16_t code;
  };
  using Outgoing = std::variant<Frame, PingFrame, CloseFrame>;

  static constexpr bool kHasTls = !std::is_same_v<Stream, beast::tcp_stream>;

  // The TCP stream underneath, which has the deadlines. Until the WebSocket takes it over.
  beast::tcp_stream& Transport() { return beast::get_lowest_layer(stream_); }

  // False when there is no secure channel, where there should be one.
  asio::awaitable<bool> Secure() {
    if constexpr (kHasTls) {
      Transport().expires_after(kHandshakeTimeout);
      auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      if (error) {
        around_.counters.bad_requests.Add();
        co_return false;
      }
    }
    co_return true;
  }

  // Says that nothing more comes: without it a client cannot tell the end from an attack.
  asio::awaitable<void> TakeLeave() {
    if constexpr (kHasTls) {
      if (!aborted_) {
        Transport().expires_after(kHandshakeTimeout);
        co_await stream_.async_shutdown(kAwait);
      }
    }
    co_return;
  }

  // False when there will be no request: closed, too slow, or refused with an answer of its own.
  asio::awaitable<bool> ReadRequest() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(around_.options.header_limit_bytes));
    parser_->body_limit(around_.options.body_limit_bytes == 0
                            ? boost::optional<uint64_t>()
                            : boost::optional<uint64_t>(around_.options.body_limit_bytes));
    Transport().expires_after(absl::ToChronoSeconds(around_.options.request_timeout));
    auto [error, header_size] =
        co_await beast::http::async_read_header(stream_, buffer_, *parser_, kAwait);
    if (!error && beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) {
      beast::http::response<beast::http::empty_body> go_on;
      go_on.version(11);
      go_on.result(beast::http::status::continue_);
      co_await beast::http::async_write(stream_, go_on, kAwait);
    }
    if (!error) {
      auto [body_error, body_size] =
          co_await beast::http::async_read(stream_, buffer_, *parser_, kAwait);
      error = body_error;
    }
    if (error) {
      co_await RefuseUnread(error);
      co_return false;
    }
    Transport().expires_never();
    co_return true;
  }

  asio::awaitable<void> RefuseUnread(error_code error) {
    using beast::http::error::body_limit;
    using beast::http::error::header_limit;
    api::HttpResponse response;
    if (error == body_limit) {
      response = api::HttpResponse::Text(413, "request body too large");
    } else if (error == header_limit) {
      response = api::HttpResponse::Text(431, "request header fields too large");
    } else if (error.category() == make_error_code(body_limit).category() &&
               error != beast::http::error::end_of_stream &&
               error != beast::http::error::partial_message) {
      response = api::HttpResponse::Text(400, "400 Bad Request");
    } else {
      co_return;  // The client left, or took too long.
    }
    around_.counters.bad_requests.Add();
    co_await Write(response, /*head=*/false, /*keep=*/false);
    if constexpr (!kHasTls) {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  // False when the connection is to be closed.
  asio::awaitable<bool> AnswerRequest() {
    const bool keep = parser_->get().keep_alive();
    api::HttpRequest request = TakeRequest();
    const bool head = request.method == "HEAD";
    response_.reset();
    around_.handler.HandleRequest(
        std::move(request),
        [weak = this->weak_from_this(), &loop = around_.loop](api::HttpResponse response) {
          loop.Post([weak, response = std::move(response)]() mutable {
            if (const std::shared_ptr<HttpConnection> self = weak.lock()) {
              self->response_ = std::move(response);
              self->wake_.cancel();
            }
          });
        });
    while (!response_ && !aborted_) {
      co_await Sleep();
    }
    if (!response_) {
      co_return false;
    }
    const bool written = co_await Write(*response_, head, keep);
    co_return written&& keep;
  }

  api::HttpRequest TakeRequest() {
    Request& message = parser_->get();
    api::HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body());
    return request;
  }

  // False when it could not be written.
  asio::awaitable<bool> Write(const api::HttpResponse& response, bool head, bool keep) {
    beast::http::response<beast::http::string_body> message;
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    message.keep_alive(keep);
    if (!response.content_type.empty()) {
      message.set(beast::http::field::content_type, response.content_type);
    }
    for (const auto& [name, value] : response.headers) {
      message.insert(name, value);
    }
    const bool may_have_body = response.status != 204 && response.status != 304;
    if (may_have_body) {
      message.content_length(response.body.size());
      if (!head) {
        message.body() = response.body;
      }
    }
    Transport().expires_after(absl::ToChronoSeconds(around_.options.request_timeout));
    beast::http::response_serializer<beast::http::string_body> serializer(message);
    auto [error, size] = co_await beast::http::async_write(stream_, serializer, kAwait);
    Transport().expires_never();
    co_return !error;
  }

  // --- As a WebSocket.

  static asio::awaitable<void> ServeWebSocket(std::shared_ptr<HttpConnection> self) {
    self->user_ = self->around_.handler.HandleUpgrade(self->TakeRequest(), self);
    while (!self->decided_ && !self->aborted_) {
      co_await self->Sleep();
    }
    if (self->response_ && !self->aborted_) {
      co_await self->Write(*self->response_, /*head=*/false, /*keep=*/false);
    } else if (self->decided_ && !self->aborted_) {
      const bool open = co_await self->OpenWebSocket();
      if (open) {
        asio::co_spawn(self->wake_.get_executor(), ReadFrames(self), asio::detached);
        co_await self->WriteFrames();
        self->Abort();  // Ends the reader, too.
      }
    }
    self->HandleClosed();
  }

  asio::awaitable<bool> OpenWebSocket() {
    socket_.emplace(std::move(stream_));
    beast::websocket::stream_base::timeout timeout;
    timeout.handshake_timeout = kHandshakeTimeout;
    timeout.idle_timeout = beast::websocket::stream_base::none();  // The session's own business.
    timeout.keep_alive_pings = false;
    socket_->set_option(timeout);
    socket_->read_message_max(around_.options.message_limit_bytes);
    socket_->control_callback([this](beast::websocket::frame_type kind, beast::string_view) {
      if (kind == beast::websocket::frame_type::pong && user_ != nullptr) {
        user_->HandlePong();
      }
    });
    const Request& request = parser_->get();
    auto [error] = co_await socket_->async_accept(request, kAwait);
    co_return !error;
  }

  static asio::awaitable<void> ReadFrames(std::shared_ptr<HttpConnection> self) {
    beast::flat_buffer frame;
    while (true) {
      auto [error, size] = co_await self->socket_->async_read(frame, kAwait);
      if (error || self->user_ == nullptr) {
        break;
      }
      const FrameKind kind = self->socket_->got_text() ? FrameKind::kText : FrameKind::kBinary;
      const absl::Span<const uint8_t> bytes(static_cast<const uint8_t*>(frame.data().data()),
                                            frame.size());
      self->user_->HandleFrame(kind, bytes);
      frame.consume(frame.size());
    }
    self->reading_ended_ = true;
    self->wake_.cancel();
  }

  // Until the close frame is out, the client has left, or the connection was aborted.
  asio::awaitable<void> WriteFrames() {
    while (!aborted_ && !reading_ended_) {
      if (outgoing_.empty()) {
        co_await Sleep();
        continue;
      }
      const Outgoing next = std::move(outgoing_.front());
      outgoing_.pop_front();
      error_code error;
      if (const Frame* frame = std::get_if<Frame>(&next)) {
        queued_bytes_ -= frame->payload.size();
        socket_->text(frame->kind == FrameKind::kText);
        const asio::const_buffer bytes = asio::buffer(frame->payload);
        auto [write_error, size] = co_await socket_->async_write(bytes, kAwait);
        error = write_error;
      } else if (const CloseFrame* close = std::get_if<CloseFrame>(&next)) {
        const beast::websocket::close_reason reason(close->code);
        co_await socket_->async_close(reason, kAwait);
        co_return;
      } else {
        const beast::websocket::ping_data empty;
        auto [ping_error] = co_await socket_->async_ping(empty, kAwait);
        error = ping_error;
      }
      if (error) {
        co_return;
      }
    }
  }

  void Enqueue(Outgoing outgoing) {
    if (aborted_ || closing_) {
      return;
    }
    closing_ = std::holds_alternative<CloseFrame>(outgoing);
    outgoing_.push_back(std::move(outgoing));
    if (outgoing_.size() > around_.options.send_queue_limit_messages ||
        queued_bytes_ > around_.options.send_queue_limit_bytes) {
      around_.counters.send_queue_overflows.Add();
      log::Write(log::Level::kWarning, "websocket.send_queue_full",
                 {{"messages", outgoing_.size()}, {"bytes", queued_bytes_}});
      Abort();
      return;
    }
    wake_.cancel();
  }

  void HandleClosed() {
    if (const std::shared_ptr<WebSocketUser> user = std::exchange(user_, nullptr)) {
      user->HandleClosed();
    }
  }

  // Until wake_.cancel(). Whatever is waited for is checked before: all runs on one thread.
  asio::awaitable<void> Sleep() {
    wake_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await wake_.async_wait(kAwait);
  }

  const ConnectionSurroundings around_;
  Stream stream_;  // Empty once `socket_` has taken it over.
  std::optional<Socket> socket_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  asio::steady_timer wake_;
  asio::steady_timer close_deadline_;
  bool aborted_ = false;

  std::optional<api::HttpResponse> response_;
  std::shared_ptr<WebSocketUser> user_;
  bool decided_ = false;
  std::deque<Outgoing> outgoing_;
  size_t queued_bytes_ = 0;
  bool closing_ = false;
  bool reading_ended_ = false;
};

// Serves what comes over `stream`, until it ends.
template <typename Stream>
void ServeStream(Stream stream, const ConnectionSurroundings& around) {
  error_code ignored;
  beast::get_lowest_layer(stream).socket().set_option(tcp::no_delay(true), ignored);
  const auto executor = stream.get_executor();
  auto connection = std::make_shared<HttpConnection<Stream>>(std::move(stream), around);
  asio::co_spawn(executor, HttpConnection<Stream>::Serve(std::move(connection)), asio::detached);
}

}  // namespace sfu::http
