#include "worker/media/tcp_listener.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "common/runtime/asio_loop.h"
#include "worker/ice/credentials.h"
#include "worker/ice/stun_message.h"
#include "worker/ice_tcp/frame_reader.h"

namespace sfu::media {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A check with all the attributes that clients send has some 150 bytes.
constexpr size_t kMaxFirstPacketBytes = 1200;
// Out of descriptors: trying again at once would only burn a core.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

SocketAddress ToSocketAddress(const tcp::endpoint& endpoint) {
  return endpoint.address().is_v4()
             ? SocketAddress::V4(endpoint.address().to_v4().to_bytes(), endpoint.port())
             : SocketAddress::V6(endpoint.address().to_v6().to_bytes(), endpoint.port());
}

tcp::endpoint ToEndpoint(const SocketAddress& address) {
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type bytes;
    std::copy(address.ip().begin(), address.ip().end(), bytes.begin());
    return {asio::ip::address_v4(bytes), address.port()};
  }
  asio::ip::address_v6::bytes_type bytes;
  std::copy(address.ip().begin(), address.ip().end(), bytes.begin());
  return {asio::ip::address_v6(bytes), address.port()};
}

// Everything on the listener's loop shares this; a connection that outlives the listener finds the
// loop stopped.
struct Surroundings {
  const TcpListener::Options options;
  TcpListenerCounters counters;
  ice_tcp::ConnectionLimits limits{options.limits};
  TcpListener::HandOver hand_over = nullptr;
};

// A connection that waits for its first check. Keeps itself alive by its own reads.
class WaitingConnection : public std::enable_shared_from_this<WaitingConnection> {
 public:
  WaitingConnection(tcp::socket socket, const SocketAddress& remote, Surroundings& around)
      : socket_(std::move(socket)),
        remote_(remote),
        around_(around),
        timer_(socket_.get_executor()) {}
  ~WaitingConnection() { around_.limits.Leave(remote_); }

  void Start() {
    timer_.expires_after(absl::ToChronoMilliseconds(around_.options.first_check_limit));
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && self->socket_.is_open()) {
        self->Close(self->around_.counters.closed_silent);
      }
    });
    Read();
  }

 private:
  void Read() {
    socket_.async_read_some(asio::buffer(bytes_.data() + size_, bytes_.size() - size_),
                            [self = shared_from_this()](const error_code& error, size_t size) {
                              if (self->socket_.is_open()) {  // The timer has not closed it.
                                self->HandleRead(error, size);
                              }
                            });
  }

  void HandleRead(const error_code& error, size_t size) {
    if (error) {
      Close(around_.counters.closed_by_peer);
      return;
    }
    size_ += size;
    const absl::Span<const uint8_t> bytes = absl::MakeConstSpan(bytes_).first(size_);
    if (bytes.size() < ice_tcp::kLengthBytes) {
      Read();
      return;
    }
    const size_t length = size_t{bytes[0]} << 8 | bytes[1];
    if (length == 0 || length > kMaxFirstPacketBytes) {
      Close(around_.counters.closed_not_check);
    } else if (bytes.size() < ice_tcp::kLengthBytes + length) {
      Read();
    } else {
      HandleFirstPacket(bytes.subspan(ice_tcp::kLengthBytes, length));
    }
  }

  void HandleFirstPacket(absl::Span<const uint8_t> packet) {
    const std::optional<std::string_view> ufrag = ice::LocalUfragOf(packet);
    if (!ufrag) {
      Close(around_.counters.closed_not_check);
      return;
    }
    const std::optional<uint32_t> thread = ice::ThreadIndexOf(*ufrag);
    if (!thread) {
      Close(around_.counters.closed_unknown_thread);
      return;
    }
    timer_.cancel();
    error_code error;
    const int descriptor = socket_.release(error);
    if (error) {
      Close(around_.counters.closed_by_peer);
      return;
    }
    AcceptedConnection accepted = {
        Descriptor(descriptor),
        remote_,
        {bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(size_)}};
    const bool taken = around_.hand_over(*thread, std::move(accepted));
    (taken ? around_.counters.handed_over : around_.counters.closed_unknown_thread).Add();
  }

  void Close(Counter& counter) {
    counter.Add();
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

  tcp::socket socket_;
  const SocketAddress remote_;
  Surroundings& around_;
  asio::steady_timer timer_;
  // Room for more than the first packet: a client need not wait for our answer.
  std::array<uint8_t, 2 * kMaxFirstPacketBytes> bytes_;
  size_t size_ = 0;
};

// One listening socket.
class Acceptor {
 public:
  Acceptor(asio::io_context& context, Surroundings& around)
      : acceptor_(context), timer_(context), around_(around) {}

  error_code Open(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
      acceptor_.set_option(tcp::acceptor::reuse_address(true), error);  // Restarts at once.
    }
    if (!error && endpoint.address().is_v6()) {
      acceptor_.set_option(asio::ip::v6_only(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    }
    return error;
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void Accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) {
        return;
      }
      if (error) {
        around_.counters.accept_failures.Add();
        timer_.expires_after(kAcceptPause);
        timer_.async_wait([this](const error_code& cancelled) {
          if (!cancelled) {
            Accept();
          }
        });
        return;
      }
      HandleAccepted(std::move(socket));
      Accept();
    });
  }

 private:
  void HandleAccepted(tcp::socket socket) {
    around_.counters.accepted.Add();
    error_code error;
    const SocketAddress remote = ToSocketAddress(socket.remote_endpoint(error));
    if (error) {
      around_.counters.closed_by_peer.Add();
      return;
    }
    switch (around_.limits.Enter(remote)) {
      case ice_tcp::ConnectionLimits::Verdict::kAdmitted:
        std::make_shared<WaitingConnection>(std::move(socket), remote, around_)->Start();
        return;
      case ice_tcp::ConnectionLimits::Verdict::kTooMany:
        around_.counters.refused_limit.Add();
        return;
      case ice_tcp::ConnectionLimits::Verdict::kTooManyOfNetwork:
        around_.counters.refused_network_limit.Add();
        return;
    }
  }

  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  Surroundings& around_;
};

class AsioTcpListener : public TcpListener {
 public:
  explicit AsioTcpListener(const Options& options) : around_{.options = options, .counters = {}} {}
  ~AsioTcpListener() override { loop_.Stop(); }

  absl::Status Open(const std::vector<SocketAddress>& addresses, uint16_t port) {
    for (const SocketAddress& address : addresses) {
      auto acceptor = std::make_unique<Acceptor>(loop_.io_context(), around_);
      const error_code error = acceptor->Open(ToEndpoint(address.WithPort(port)));
      if (error) {
        return absl::UnavailableError(fmt::format(
            "rtc.tcp_port: cannot listen for media on TCP port {}: {}; is another server running? "
            "Choose a free port, or 0 to do without media over TCP",
            port, error.message()));
      }
      port = acceptor->port();
      acceptors_.push_back(std::move(acceptor));
    }
    port_ = port;
    return absl::OkStatus();
  }

  void Start(HandOver hand_over) override {
    RunAndWait(loop_, [&] {
      around_.hand_over = std::move(hand_over);
      for (const std::unique_ptr<Acceptor>& acceptor : acceptors_) {
        acceptor->Accept();
      }
    });
  }

  uint16_t port() const override { return port_; }
  const TcpListenerCounters& counters() const override { return around_.counters; }

 private:
  Surroundings around_;  // Connections refer to it until the loop is gone.
  AsioLoop loop_{"ice-tcp"};
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  uint16_t port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TcpListener>> TcpListener::Listen(
    const std::vector<SocketAddress>& addresses, uint16_t port, const Options& options) {
  auto listener = std::make_unique<AsioTcpListener>(options);
  if (const absl::Status status = listener->Open(addresses, port); !status.ok()) {
    return status;
  }
  return listener;
}

}  // namespace sfu::media
