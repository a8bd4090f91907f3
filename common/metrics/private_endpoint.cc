#include "common/metrics/private_endpoint.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include <absl/strings/escaping.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <prometheus/text_serializer.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sfu {
namespace {

constexpr size_t kMaxRequestBytes = 16 * 1024;
constexpr timeval kPatience = {.tv_sec = 2, .tv_usec = 0};

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  int number() const { return number_; }

 private:
  int number_;
};

union AnyAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t SizeOf(const AnyAddress& address) {
  return address.any.sa_family == AF_INET6 ? sizeof(address.v6) : sizeof(address.v4);
}

bool ParseAddress(const std::string& ip, uint16_t port, AnyAddress& address) {
  std::memset(&address, 0, sizeof(address));
  if (inet_pton(AF_INET, ip.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    return true;
  }
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(port);
  return inet_pton(AF_INET6, ip.c_str(), &address.v6.sin6_addr) == 1;
}

uint16_t PortOf(const Descriptor& listener) {
  AnyAddress address{};
  socklen_t size = sizeof(address);
  getsockname(listener.number(), &address.any, &size);
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

// Errno, or 0 with the listening socket in `out`.
int Listen(const std::string& ip, uint16_t port, std::vector<Descriptor>& out) {
  AnyAddress address{};
  if (!ParseAddress(ip, port, address)) {
    return EINVAL;
  }
  Descriptor listener(socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  // With "::" alone, IPv4 comes in as well.
  const int only_v6 = ip == "::" ? 0 : 1;
  if (listener.number() < 0 ||
      setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      (address.any.sa_family == AF_INET6 &&
       setsockopt(listener.number(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6)) != 0) ||
      bind(listener.number(), &address.any, SizeOf(address)) != 0 ||
      listen(listener.number(), 16) != 0) {
    return errno;
  }
  out.push_back(std::move(listener));
  return 0;
}

// The request up to its empty line, in lower case but for values; empty if it did not come.
std::string ReadRequest(int connection) {
  std::string request;
  char chunk[1024];
  while (request.size() < kMaxRequestBytes) {
    const ssize_t received = recv(connection, chunk, sizeof(chunk), 0);
    if (received <= 0) {
      return "";
    }
    request.append(chunk, static_cast<size_t>(received));
    if (request.find("\r\n\r\n") != std::string::npos) {
      return request;
    }
  }
  return "";
}

// The second word of the request line, without its query.
std::string_view PathOf(std::string_view request) {
  const std::string_view line = request.substr(0, request.find('\r'));
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    return "";
  }
  const std::string_view rest = line.substr(space + 1);
  return rest.substr(0, rest.find_first_of(" ?"));
}

std::string_view AuthorizationOf(const std::string& request) {
  constexpr std::string_view kName = "\r\nauthorization:";
  const auto found = std::search(
      request.begin(), request.end(), kName.begin(), kName.end(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  if (found == request.end()) {
    return "";
  }
  std::string_view value(request);
  value.remove_prefix(static_cast<size_t>(found - request.begin()) + kName.size());
  value = value.substr(0, value.find('\r'));
  while (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  return value;
}

class ServingEndpoint : public PrivateEndpoint {
 public:
  ServingEndpoint(PrivateEndpointOptions options, Collectables collectables,
                  std::vector<Descriptor> listeners)
      : options_(std::move(options)),
        collectables_(std::move(collectables)),
        listeners_(std::move(listeners)),
        stop_(eventfd(0, EFD_CLOEXEC)) {
    if (!options_.username.empty()) {
      expected_authorization_ =
          "Basic " + absl::Base64Escape(options_.username + ":" + options_.password);
    }
    thread_ = std::thread([this] { Run(); });
  }
  ~ServingEndpoint() override {
    const uint64_t one = 1;
    // An eventfd takes this unless its counter is full, which one write cannot do.
    (void)!write(stop_.number(), &one, sizeof(one));
    thread_.join();
  }

  uint16_t port() const override { return PortOf(listeners_.front()); }

 private:
  void Run() {
    std::vector<pollfd> waiting = {{.fd = stop_.number(), .events = POLLIN, .revents = 0}};
    for (const Descriptor& listener : listeners_) {
      waiting.push_back({.fd = listener.number(), .events = POLLIN, .revents = 0});
    }
    while (true) {
      if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
        return;
      }
      if (waiting.front().revents != 0) {
        return;
      }
      for (size_t i = 1; i < waiting.size(); ++i) {
        if (waiting[i].revents != 0) {
          Serve(waiting[i].fd);
        }
      }
    }
  }

  void Serve(int listener) {
    const Descriptor connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.number() < 0) {
      return;
    }
    setsockopt(connection.number(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
    const std::string request = ReadRequest(connection.number());
    if (request.empty()) {
      return;
    }
    const std::string response = Answer(request);
    std::string_view rest = response;
    while (!rest.empty()) {
      const ssize_t sent = send(connection.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      rest.remove_prefix(static_cast<size_t>(sent));
    }
  }

  std::string Answer(const std::string& request) const {
    const bool head = request.starts_with("HEAD ");
    const std::string_view path = PathOf(request);
    if (path == "/livez" || path == "/readyz") {
      return AnswerProbe(path == "/livez" ? options_.live : options_.ready, head);
    }
    if (!expected_authorization_.empty() && AuthorizationOf(request) != expected_authorization_) {
      return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"Protected Area\"\r\n"
             "Content-Length: 0\r\nConnection: close\r\n\r\n";
    }
    const std::string body = Metrics();
    return fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
        "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
        body.size(), head ? "" : body);
  }

  static std::string AnswerProbe(const Probe& probe, bool head) {
    const std::optional<std::string> complaint = probe();
    const std::string body = complaint.value_or("ok") + "\n";
    return fmt::format(
        "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
        complaint ? "503 Service Unavailable" : "200 OK", body.size(), head ? "" : body);
  }

  std::string Metrics() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& collectable : collectables_) {
      for (prometheus::MetricFamily& family : collectable->Collect()) {
        families.push_back(std::move(family));
      }
    }
    for (prometheus::MetricFamily& family : families) {
      if (!family.name.starts_with("livekit_")) {
        continue;
      }
      for (prometheus::ClientMetric& metric : family.metric) {
        for (const auto& [name, value] : options_.constant_labels) {
          metric.label.push_back({name, value});
        }
      }
    }
    return prometheus::TextSerializer().Serialize(families);
  }

  const PrivateEndpointOptions options_;
  const Collectables collectables_;
  const std::vector<Descriptor> listeners_;
  const Descriptor stop_;
  std::string expected_authorization_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateEndpoint>> PrivateEndpoint::Start(
    PrivateEndpointOptions options, Collectables collectables) {
  std::vector<Descriptor> listeners;
  uint16_t port = options.port;
  int error = 0;
  const auto add = [&](const std::string& ip) {
    const int result = Listen(ip, port, listeners);
    if (result == 0) {
      port = PortOf(listeners.back());
    } else {
      error = result;
    }
    return result;
  };
  if (options.addresses.empty()) {
    if (add("::") != 0) {
      add("0.0.0.0");
    }
  }
  for (const std::string& ip : options.addresses) {
    if (add(ip) == EADDRINUSE) {
      listeners.clear();
      break;
    }
  }
  if (listeners.empty()) {
    return absl::UnavailableError(fmt::format("cannot listen for metrics on port {}: {}",
                                              options.port, std::strerror(error)));
  }
  return std::make_unique<ServingEndpoint>(std::move(options), std::move(collectables),
                                           std::move(listeners));
}

}  // namespace sfu
