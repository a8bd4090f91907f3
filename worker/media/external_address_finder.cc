#include "worker/media/external_address_finder.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>

#include <absl/synchronization/mutex.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <netdb.h>

#include "common/log/log.h"
#include "worker/ice/external_address_query.h"

namespace sfu::media {
namespace {

using boost::asio::ip::udp;
using boost::system::error_code;

constexpr absl::Duration kFirstRetry = absl::Seconds(30);
constexpr absl::Duration kLastRetry = absl::Minutes(10);
constexpr char kDefaultPort[] = "3478";

struct HostPort {
  std::string host;
  std::string port;
};

HostPort Split(const std::string& server) {
  if (server.starts_with('[')) {
    const size_t end = server.find(']');
    const std::string host = server.substr(1, end == std::string::npos ? end : end - 1);
    const size_t colon = end == std::string::npos ? end : server.find(':', end);
    return {host, colon == std::string::npos ? kDefaultPort : server.substr(colon + 1)};
  }
  const size_t colon = server.rfind(':');
  // More than one colon and no brackets: a bare IPv6 literal.
  if (colon == std::string::npos || server.find(':') != colon) {
    return {server, kDefaultPort};
  }
  return {server.substr(0, colon), server.substr(colon + 1)};
}

SocketAddress FromEndpoint(const udp::endpoint& endpoint) {
  return endpoint.address().is_v4()
             ? SocketAddress::V4(endpoint.address().to_v4().to_bytes(), endpoint.port())
             : SocketAddress::V6(endpoint.address().to_v6().to_bytes(), endpoint.port());
}

udp::endpoint ToEndpoint(const SocketAddress& address) {
  return {boost::asio::ip::make_address(address.ToWireString()), address.port()};
}

// Asks the system's resolver, which takes as long as it takes.
std::vector<SocketAddress> Resolve(const std::vector<std::string>& servers) {
  std::vector<SocketAddress> addresses;
  for (const std::string& server : servers) {
    const HostPort target = Split(server);
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* results = nullptr;
    if (getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &results) != 0) {
      continue;
    }
    for (const addrinfo* result = results; result != nullptr; result = result->ai_next) {
      udp::endpoint endpoint;
      if (result->ai_addrlen <= endpoint.capacity()) {
        endpoint.resize(result->ai_addrlen);
        std::copy_n(reinterpret_cast<const uint8_t*>(result->ai_addr), result->ai_addrlen,
                    reinterpret_cast<uint8_t*>(endpoint.data()));
        addresses.push_back(FromEndpoint(endpoint));
      }
    }
    freeaddrinfo(results);
  }
  return addresses;
}

// Lets a thread that outlives the loop's users, waiting for a name server, find out that nobody is
// interested any more.
class Reply {
 public:
  explicit Reply(Loop& loop) : loop_(&loop) {}

  void Post(Loop::Task task) {
    const absl::MutexLock lock(&mutex_);
    if (loop_ != nullptr) {
      loop_->Post(std::move(task));
    }
  }
  void Forget() {
    const absl::MutexLock lock(&mutex_);
    loop_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  Loop* loop_ ABSL_GUARDED_BY(mutex_);
};

// A socket at one local address, and the question asked through it.
struct Probe {
  Probe(boost::asio::io_context& context, const SocketAddress& local_address,
        ice::ExternalAddressQuery question)
      : local(local_address), socket(context), query(std::move(question)) {}

  const SocketAddress local;
  udp::socket socket;
  ice::ExternalAddressQuery query;
  udp::endpoint sender;
  std::array<uint8_t, 1500> datagram;
};

}  // namespace

// All of it on the loop; callbacks of sockets hold it weakly.
class ExternalAddressFinder::Search : public std::enable_shared_from_this<Search> {
 public:
  Search(AsioLoop& loop, std::unique_ptr<Random> random, ExternalAddressFinderOptions options,
         Found found)
      : loop_(loop),
        random_(std::move(random)),
        options_(std::move(options)),
        found_(std::move(found)),
        reply_(std::make_shared<Reply>(loop)) {}
  ~Search() { reply_->Forget(); }

  void Start() {
    timer_ = loop_.CreateTimer([this] { HandleTimeout(); });
    StartAttempt();
  }

 private:
  void StartAttempt() {
    retry_at_ = Timestamp::Never();
    // A thread of its own: the system's resolver cannot be told to stop, and must not keep the
    // process from ending.
    std::thread([reply = reply_, servers = options_.servers, weak = weak_from_this()] {
      std::vector<SocketAddress> addresses = Resolve(servers);
      reply->Post([weak, addresses = std::move(addresses)] {
        if (const std::shared_ptr<Search> self = weak.lock()) {
          self->Ask(addresses);
        }
      });
    }).detach();
  }

  void Ask(const std::vector<SocketAddress>& servers) {
    for (const SocketAddress& local : options_.addresses) {
      if (!local.is_v4() && options_.require_ipv4) {
        continue;
      }
      std::vector<SocketAddress> of_family;
      std::copy_if(
          servers.begin(), servers.end(), std::back_inserter(of_family),
          [&local](const SocketAddress& server) { return server.is_v4() == local.is_v4(); });
      auto probe = std::make_shared<Probe>(
          loop_.io_context(), local, ice::ExternalAddressQuery(loop_.Now(), of_family, *random_));
      error_code error;
      probe->socket.open(local.is_v4() ? udp::v4() : udp::v6(), error);
      if (!error) {
        probe->socket.bind(ToEndpoint(local), error);
      }
      if (!error && !probe->query.is_over()) {
        probes_.push_back(probe);
        Receive(probe);
      }
    }
    Continue();
  }

  void Receive(const std::shared_ptr<Probe>& probe) {
    probe->socket.async_receive_from(
        boost::asio::buffer(probe->datagram), probe->sender,
        [weak = weak_from_this(), probe](const error_code& error, size_t size) {
          const std::shared_ptr<Search> self = weak.lock();
          if (self == nullptr || error == boost::asio::error::operation_aborted) {
            return;
          }
          if (!error) {  // Otherwise a server refuses: another may answer.
            probe->query.HandleDatagram(self->loop_.Now(), FromEndpoint(probe->sender),
                                        absl::MakeConstSpan(probe->datagram.data(), size));
          }
          if (!probe->query.is_over()) {
            self->Receive(probe);
          }
          self->Continue();
        });
  }

  void HandleTimeout() {
    if (retry_at_ != Timestamp::Never()) {
      StartAttempt();
      return;
    }
    for (const std::shared_ptr<Probe>& probe : probes_) {
      probe->query.HandleTimeout(loop_.Now());
    }
    Continue();
  }

  // Sends what there is to send; concludes the attempt, or waits on.
  void Continue() {
    Timestamp next = Timestamp::Never();
    bool over = true;
    for (const std::shared_ptr<Probe>& probe : probes_) {
      while (const auto datagram = probe->query.PollDatagram()) {
        error_code ignored;  // An unreachable server is one that does not answer.
        probe->socket.send_to(boost::asio::buffer(datagram->bytes.data(), datagram->bytes.size()),
                              ToEndpoint(datagram->to), 0, ignored);
      }
      next = std::min(next, probe->query.NextTimeout());
      over = over && probe->query.is_over();
    }
    if (!over) {
      timer_->WakeAt(next);
    } else if (retry_at_ == Timestamp::Never() && !concluded_) {
      Conclude();
    }
  }

  void Conclude() {
    ExternalAddresses addresses;
    for (const std::shared_ptr<Probe>& probe : probes_) {
      if (const std::optional<SocketAddress>& answer = probe->query.answer()) {
        addresses[probe->local] = *answer;
      }
    }
    probes_.clear();
    if (!addresses.empty()) {
      concluded_ = true;
      log::Write(log::Level::kInfo, "media.external_addresses_found",
                 {{"addresses", addresses.size()}});
      found_(addresses);
      return;
    }
    log::Write(retry_after_ == kFirstRetry ? log::Level::kWarning : log::Level::kDebug,
               "media.external_address_unknown",
               {{"servers", options_.servers.size()},
                {"remedy",
                 "clients are told this machine's own addresses. Set rtc.node_ip to the "
                 "public address, or name a reachable server in rtc.stun_servers"}});
    const uint32_t jitter_percent = random_->NextBelow(25);
    retry_at_ = loop_.Now() + retry_after_ * (100 + jitter_percent) / 100;
    retry_after_ = std::min(retry_after_ * 2, kLastRetry);
    timer_->WakeAt(retry_at_);
  }

  AsioLoop& loop_;
  const std::unique_ptr<Random> random_;
  const ExternalAddressFinderOptions options_;
  const Found found_;
  const std::shared_ptr<Reply> reply_;
  std::unique_ptr<LoopTimer> timer_;
  std::vector<std::shared_ptr<Probe>> probes_;
  Timestamp retry_at_ = Timestamp::Never();  // Never during an attempt.
  absl::Duration retry_after_ = kFirstRetry;
  bool concluded_ = false;
};

ExternalAddressFinder::ExternalAddressFinder(AsioLoop& loop, std::unique_ptr<Random> random,
                                             ExternalAddressFinderOptions options, Found found)
    : loop_(loop),
      search_(
          std::make_shared<Search>(loop, std::move(random), std::move(options), std::move(found))) {
  RunAndWait(loop_, [this] { search_->Start(); });
}

ExternalAddressFinder::~ExternalAddressFinder() {
  RunAndWait(loop_, [this] { search_.reset(); });
}

}  // namespace sfu::media
