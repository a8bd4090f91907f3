#include "worker/server/worker.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/format.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "common/metrics/node_metrics.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/secure_random.h"
#include "common/runtime/system_clock.h"
#include "worker/media/external_address_finder.h"
#include "worker/media/media_metrics.h"
#include "worker/media/tcp_listener.h"
#include "worker/room/room_metrics.h"
#include "worker/sctp/usrsctp_association.h"
#include "worker/server/grpc_server.h"
#include "worker/server/pulse.h"
#include "worker/server/room_host.h"
#include "worker/server/worker_service.h"

namespace sfu::worker {
namespace {

constexpr absl::Duration kLoadReportInterval = absl::Seconds(2);

std::string NewWorkerId(Random& random) {
  return "WK_" + random.NextText(12, "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
}

// Owns everything, in the order of dependence: threads end before what they use.
class ServingWorker : public Worker {
 public:
  ServingWorker(const WorkerOptions& options, std::vector<media::ThreadSockets> sockets,
                std::unique_ptr<media::TcpListener> tcp_listener)
      : exchange_(sockets.size()),
        tcp_listener_(std::move(tcp_listener)),
        dtls_(std::make_shared<dtls::Context>(
            dtls::Certificate::Generate(random_, clock_.WallNow()))) {
    for (media::ThreadSockets& thread_sockets : sockets) {
      CollectPorts(thread_sockets);
      hosts_.push_back(MakeThread(std::move(thread_sockets)));
    }
    for (const std::unique_ptr<media::MediaThread>& thread : threads_) {
      thread->Start();
    }
    StartTcp();
    pulse_ = std::make_unique<Pulse>(clock_.Now(), hosts_.size());
    service_ = std::make_unique<WorkerService>(hosts_, id_);
    grpc_ = std::make_unique<GrpcServer>(*service_, loop_, options.orphan_grace);
    StartServer();
    RunAndWait(loop_, [this] { StartLoadReports(); });
  }

  // Clients are told `addresses` until it is known how they are seen from outside.
  void FindExternalAddresses(const WorkerOptions& options,
                             const std::vector<SocketAddress>& addresses) {
    std::vector<std::vector<ice::HostCandidate>> candidates;
    for (const std::unique_ptr<media::MediaThread>& thread : threads_) {
      candidates.push_back(thread->candidates());
    }
    external_address_finder_ = std::make_unique<media::ExternalAddressFinder>(
        loop_, std::make_unique<SecureRandom>(),
        media::ExternalAddressFinderOptions{.servers = options.external_address_servers,
                                            .addresses = addresses,
                                            .require_ipv4 = options.external_address_ipv4_only},
        [this, rules = options.external_address_rules, addresses,
         candidates = std::move(candidates)](const media::ExternalAddresses& external) {
          for (size_t i = 0; i < hosts_.size(); ++i) {
            hosts_[i].thread->Post(
                [host = hosts_[i].host, rewritten = media::WithExternalAddresses(
                                            candidates[i], addresses, external, rules)](
                    Timestamp) mutable { host->SetCandidates(std::move(rewritten)); });
          }
        });
  }

  ~ServingWorker() override {
    external_address_finder_.reset();
    for (const std::unique_ptr<grpc::Server>& server : servers_) {
      server->Shutdown(std::chrono::system_clock::now());
    }
    servers_.clear();
    RunAndWait(loop_, [this] { load_timer_.reset(); });
    grpc_.reset();
    loop_.Stop();
    tcp_listener_.reset();
    for (const std::unique_ptr<media::MediaThread>& thread : threads_) {
      thread->Stop();
    }
  }

  std::shared_ptr<grpc::Channel> InProcessChannel() override {
    return servers_.front()->InProcessChannel(grpc::ChannelArguments());
  }

  absl::StatusOr<int> Listen(const std::string& address) override {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(grpc_.get());
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (server == nullptr || port == 0) {
      return absl::UnavailableError(
          fmt::format("cannot listen for controllers at {}: is the port taken?", address));
    }
    servers_.push_back(std::move(server));
    return port;
  }

  std::vector<uint16_t> udp_ports() const override { return udp_ports_; }

  const std::string& id() const override { return id_; }

  std::vector<std::shared_ptr<const prometheus::Collectable>> metrics() override {
    std::vector<const media::MediaThread*> threads;
    std::vector<mediaroom::RoomMetrics::Thread> rooms;
    for (const HostThread& host : hosts_) {
      threads.push_back(host.thread);
      rooms.push_back({&host.host->room_counters(), &host.thread->transport_counters()});
    }
    return {std::make_shared<media::MediaMetrics>(std::move(threads), tcp_listener_.get()),
            std::make_shared<mediaroom::RoomMetrics>(std::move(rooms)),
            std::make_shared<NodeMetrics>()};
  }

  std::optional<std::string> WhyNotLive() const override { return pulse_->Complaint(clock_.Now()); }

 private:
  void CollectPorts(const media::ThreadSockets& thread_sockets) {
    for (const ice::HostCandidate& candidate : thread_sockets.candidates) {
      const uint16_t port = candidate.address.port();
      if (candidate.protocol == ice::HostCandidate::Protocol::kUdp &&
          std::find(udp_ports_.begin(), udp_ports_.end(), port) == udp_ports_.end()) {
        udp_ports_.push_back(port);
      }
    }
  }

  HostThread MakeThread(media::ThreadSockets sockets) {
    RoomHost* host = nullptr;
    media::MediaThread::Options options;
    options.index = static_cast<uint32_t>(threads_.size());
    auto thread = std::make_unique<media::MediaThread>(
        options, clock_, std::make_unique<SecureRandom>(), std::move(sockets),
        [this, &host](const media::MediaThreadContext& context) {
          auto created = std::make_unique<RoomHost>(context, clock_, dtls_, associations_);
          host = created.get();
          return created;
        },
        &exchange_);
    threads_.push_back(std::move(thread));
    return {threads_.back().get(), host};
  }

  void StartTcp() {
    if (tcp_listener_ != nullptr) {
      tcp_listener_->Start([this](uint32_t thread, media::AcceptedConnection connection) {
        return thread < threads_.size() && threads_[thread]->Adopt(std::move(connection));
      });
    }
  }

  // Without a listening port: only the in-process channel reaches it.
  void StartServer() {
    grpc::ServerBuilder builder;
    builder.RegisterService(grpc_.get());
    servers_.push_back(builder.BuildAndStart());
  }

  void StartLoadReports() {
    load_timer_ = loop_.CreateTimer([this] {
      v1::WorkerMessage message;
      *message.mutable_load() = service_->Load();
      service_->Broadcast(message);
      TakePulse();
      load_timer_->WakeAt(loop_.Now() + kLoadReportInterval);
    });
    load_timer_->WakeAt(loop_.Now() + kLoadReportInterval);
  }

  void TakePulse() {
    std::vector<uint64_t> passes;
    for (const HostThread& host : hosts_) {
      passes.push_back(host.thread->counters().passes.value());
    }
    pulse_->HandleTick(loop_.Now(), passes);
  }

  SystemClock clock_;
  SecureRandom random_;
  const std::string id_ = NewWorkerId(random_);
  sctp::UsrsctpAssociationFactory associations_;
  media::ThreadExchange exchange_;
  std::unique_ptr<media::TcpListener> tcp_listener_;  // Null without ICE over TCP.
  const std::shared_ptr<const dtls::Context> dtls_;
  std::vector<uint16_t> udp_ports_;
  std::vector<std::unique_ptr<media::MediaThread>> threads_;
  std::vector<HostThread> hosts_;  // The same threads.
  std::unique_ptr<Pulse> pulse_;
  AsioLoop loop_{"worker-service"};
  std::unique_ptr<WorkerService> service_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<LoopTimer> load_timer_;  // On `loop_`.
  std::unique_ptr<media::ExternalAddressFinder> external_address_finder_;
  std::vector<std::unique_ptr<grpc::Server>> servers_;
};

// The local addresses that may look different from outside: not those of a family for which the
// operator has named an address.
std::vector<SocketAddress> ToBeAskedFor(const std::vector<media::BindAddress>& addresses,
                                        const std::vector<SocketAddress>& named) {
  std::vector<SocketAddress> result;
  for (const media::BindAddress& address : addresses) {
    const bool is_named = std::any_of(named.begin(), named.end(), [&](const SocketAddress& node) {
      return node.is_v4() == address.local.is_v4();
    });
    if (!address.local.is_loopback() && !is_named) {
      result.push_back(address.local);
    }
  }
  return result;
}

// Null if there is to be none. Adds its candidates to those of every thread.
absl::StatusOr<std::unique_ptr<media::TcpListener>> OpenTcp(
    const WorkerOptions& options, const std::vector<media::BindAddress>& addresses,
    std::vector<media::ThreadSockets>& threads) {
  if (options.tcp_port == 0) {
    return nullptr;
  }
  std::vector<SocketAddress> local;
  for (const media::BindAddress& address : addresses) {
    local.push_back(address.local);
  }
  auto listener =
      media::TcpListener::Listen(local, options.tcp_port, media::TcpListener::Options());
  if (listener.ok()) {
    for (media::ThreadSockets& thread : threads) {
      media::AppendCandidates(addresses, ice::HostCandidate::Protocol::kTcpPassive,
                              (*listener)->port(), thread.candidates);
    }
  }
  return listener;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Start(const WorkerOptions& options) {
  const auto interfaces = media::EnumerateInterfaceAddresses();
  if (!interfaces.ok()) {
    return interfaces.status();
  }
  auto selected = media::SelectAddresses(*interfaces, options.addresses);
  if (!selected.ok()) {
    return selected.status();
  }
  const auto addresses = media::KeepBindable(*std::move(selected));
  if (!addresses.ok()) {
    return addresses.status();
  }
  absl::StatusOr<std::vector<media::ThreadSockets>> sockets =
      std::vector<media::ThreadSockets>(options.media_threads);
  if (!options.force_tcp) {
    sockets = media::OpenMediaSockets(*addresses, options.udp_ports, options.media_threads,
                                      media::UdpSocket::Options());
  }
  if (!sockets.ok()) {
    return sockets.status();
  }
  auto listener = OpenTcp(options, *addresses, *sockets);
  if (!listener.ok()) {
    return listener.status();
  }
  auto worker = std::make_unique<ServingWorker>(options, *std::move(sockets), *std::move(listener));
  const std::vector<SocketAddress> asked =
      ToBeAskedFor(*addresses, options.addresses.node_addresses);
  if (!options.external_address_servers.empty() && !asked.empty()) {
    worker->FindExternalAddresses(options, asked);
  }
  return worker;
}

}  // namespace sfu::worker
