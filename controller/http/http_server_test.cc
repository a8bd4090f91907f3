#include "controller/http/http_server.h"

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/runtime/asio_loop.h"

namespace sfu::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A client that speaks bytes, so that it can also say what no library would.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    timeval limit{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~RawClient() { close(socket_); }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // Until `end` or the server closes.
  std::string ReadUntil(std::string_view end) {
    while (end.empty() || read_.find(end) == std::string::npos) {
      char chunk[4096];
      const ssize_t received = recv(socket_, chunk, sizeof(chunk), 0);
      if (received <= 0) {
        break;
      }
      read_.append(chunk, static_cast<size_t>(received));
    }
    return std::exchange(read_, "");
  }
  std::string ReadAll() { return ReadUntil(""); }

 private:
  const int socket_;
  std::string read_;
};

class EchoUser : public WebSocketUser {
 public:
  explicit EchoUser(std::shared_ptr<WebSocket> socket, absl::Notification& closed)
      : socket_(std::move(socket)), closed_(closed) {}

  void HandleFrame(signal::FrameKind kind, absl::Span<const uint8_t> frame) override {
    std::string text(reinterpret_cast<const char*>(frame.data()), frame.size());
    if (text == "close") {
      socket_->Close(1000);
    } else if (text == "ping") {
      socket_->Ping();
    } else {
      socket_->Send(kind, std::move(text));
    }
  }
  void HandlePong() override { socket_->Send(signal::FrameKind::kText, "pong"); }
  void HandleClosed() override {
    socket_.reset();
    closed_.Notify();
  }

 private:
  std::shared_ptr<WebSocket> socket_;
  absl::Notification& closed_;
};

// Answers with what it was asked; "/ws" is a WebSocket, accepted a moment later.
class EchoHandler : public HttpHandler {
 public:
  void HandleRequest(api::HttpRequest request, api::Respond respond) override {
    api::HttpResponse response = api::HttpResponse::Text(
        200, request.method + " " + std::to_string(request.target.size()) + " " + request.body);
    // From another thread, as rooms do.
    std::thread([respond = std::move(respond), response = std::move(response)]() mutable {
      respond(std::move(response));
    }).detach();
  }
  std::shared_ptr<WebSocketUser> HandleUpgrade(api::HttpRequest request,
                                               std::shared_ptr<WebSocket> socket) override {
    if (request.target != "/ws") {
      socket->Refuse(api::HttpResponse::Text(401, "no permissions to access the room"));
      return nullptr;
    }
    socket->loop().Post([socket] {
      socket->Accept();
      socket->Send(signal::FrameKind::kBinary, "first");
    });
    return std::make_shared<EchoUser>(socket, closed);
  }

  absl::Notification closed;
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() { Listen({}); }
  ~HttpServerTest() override { server_->Stop(absl::ZeroDuration()); }

  void Listen(HttpServerOptions options) {
    options.addresses = {"127.0.0.1"};
    auto server = HttpServer::Listen(options, {&first_, &second_}, handler_);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
  }
  std::string Exchange(std::string_view request) {
    RawClient client(server_->port());
    client.Send(request);
    return client.ReadAll();
  }
  static std::string Upgrade(std::string_view target) {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }
  // As a client must: masked, here with zeros.
  static std::string ClientFrame(char first_byte, std::string_view payload) {
    return std::string{first_byte} + static_cast<char>(0x80 | payload.size()) +
           std::string(4, '\0') + std::string(payload);
  }

  EchoHandler handler_;
  AsioLoop first_{"http-0"};
  AsioLoop second_{"http-1"};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersRequestsOneAfterTheOtherOnOneConnection) {
  RawClient client(server_->port());
  client.Send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string first = client.ReadUntil("GET 2 ");
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(first, HasSubstr("Content-Length: 6\r\n"));
  client.Send("POST /ab HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_THAT(client.ReadAll(), EndsWith("\r\n\r\nPOST 3 body"));
}

TEST_F(HttpServerTest, Trap03_HeadHasTheHeadersOfGetAndNoBody) {
  const std::string answer = Exchange("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

// An SDP offer in the URL.
TEST_F(HttpServerTest, Trap05_TakesARequestLineOf256Kilobytes) {
  const std::string target = "/" + std::string(256 * 1024 - 1, 'x');
  EXPECT_THAT(Exchange("GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              EndsWith("GET 262144 "));
  // Upgrades, too: this one gets as far as the handler, which knows no such path.
  EXPECT_THAT(Exchange(Upgrade(target)), StartsWith("HTTP/1.1 401 "));
}

TEST_F(HttpServerTest, RefusesEndlessHeaders) {
  EXPECT_THAT(Exchange("GET / HTTP/1.1\r\nX: " + std::string(2 * 1024 * 1024, 'x')),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, RefusesABodyBeyondItsLimitUnread) {
  const std::string answer =
      Exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10485761\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer, EndsWith("request body too large"));
}

TEST_F(HttpServerTest, SaysToGoOnToThoseWhoAsk) {
  RawClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  client.Send("body");
  EXPECT_THAT(client.ReadUntil("body"), EndsWith("POST 1 body"));
}

TEST_F(HttpServerTest, RubbishIsABadRequest) {
  EXPECT_THAT(Exchange("\x16\x03\x01 not http\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, ARefusedUpgradeIsAnHttpAnswer) {
  const std::string answer = Exchange(Upgrade("/rtc"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_THAT(answer, EndsWith("no permissions to access the room"));
}

TEST_F(HttpServerTest, AWebSocketCarriesFramesBothWaysAndClosesWith1000) {
  auto client = std::make_unique<RawClient>(server_->port());
  client->Send(Upgrade("/ws"));
  const std::string opening = client->ReadUntil("first");
  EXPECT_THAT(opening, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(opening, HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_THAT(opening, EndsWith("\x82\x05"
                                "first"));
  client->Send(ClientFrame('\x81', "hello"));
  EXPECT_EQ(client->ReadUntil("hello"), "\x81\x05hello");
  client->Send(ClientFrame('\x82', "close"));
  EXPECT_EQ(client->ReadUntil("\x88"), "\x88\x02\x03\xe8");
  client->Send(ClientFrame('\x88', "\x03\xe8"));
  EXPECT_EQ(client->ReadAll(), "");
  client.reset();
  handler_.closed.WaitForNotification();
}

TEST_F(HttpServerTest, PongsReachTheUser) {
  RawClient client(server_->port());
  client.Send(Upgrade("/ws"));
  client.ReadUntil("first");
  client.Send(ClientFrame('\x81', "ping"));
  EXPECT_EQ(client.ReadUntil(std::string_view("\x89\x00", 2)), std::string("\x89\x00", 2));
  client.Send(ClientFrame('\x8a', ""));
  EXPECT_EQ(client.ReadUntil("pong"), "\x81\x04pong");
}

TEST_F(HttpServerTest, AClientThatLeavesEndsItsSession) {
  {
    RawClient client(server_->port());
    client.Send(Upgrade("/ws"));
    client.ReadUntil("first");
  }
  handler_.closed.WaitForNotification();
}

TEST_F(HttpServerTest, StoppingCutsWhatIsLeft) {
  RawClient client(server_->port());
  client.Send(Upgrade("/ws"));
  client.ReadUntil("first");
  server_->Stop(absl::Milliseconds(20));
  handler_.closed.WaitForNotification();
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(HttpServerTest, ATakenPortIsAnErrorThatSaysSo) {
  HttpServerOptions options;
  options.addresses = {"127.0.0.1"};
  options.port = server_->port();
  const auto second = HttpServer::Listen(options, {&first_}, handler_);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("Is another server running?"));
}

}  // namespace
}  // namespace sfu::http
