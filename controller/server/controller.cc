#include "controller/server/controller.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <absl/synchronization/notification.h>

#include "common/cluster/memory_node_registry.h"
#include "common/log/log.h"
#include "common/metrics/private_endpoint.h"
#include "common/metrics/process_metrics.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/secure_random.h"
#include "common/runtime/system_clock.h"
#include "controller/actor/room_registry.h"
#include "controller/actor/worker_pool.h"
#include "controller/api/api_server.h"
#include "controller/directory/memory_room_directory.h"
#include "controller/http/http_server.h"
#include "controller/server/controller_metrics.h"
#include "controller/server/heartbeat.h"
#include "controller/server/options_from_config.h"
#include "controller/server/selector_options_from_config.h"
#include "controller/worker_link/grpc_worker_link.h"

namespace sfu::server {
namespace {

constexpr std::string_view kIdAlphabet =
    "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
// An in-process worker attaches within milliseconds; remote ones may come later.
constexpr absl::Duration kWorkerWait = absl::Seconds(1);
// For clients to hear that they are to leave. With the worker's own end, well below the ten seconds
// that Docker waits before it kills.
constexpr absl::Duration kFarewell = absl::Seconds(3);
constexpr absl::Duration kRoundLimit = absl::Seconds(4);

size_t LoopCount() { return std::clamp<size_t>(std::thread::hardware_concurrency() / 4, 1, 4); }

// Everything, in order of dependence.
class ServingController : public Controller {
 public:
  ServingController(const config::Config& config, ControllerSeams seams)
      : node_id_("ND_" + random_.NextText(12, kIdAlphabet)),
        config_(config),
        seams_(std::move(seams)),
        workers_(nodes_, clock_, random_, SelectorOptionsFrom(config)),
        rooms_({.loops = LoopCount(),
                .auto_create = config.room.auto_create,
                .room_options = RoomOptionsFrom(config, node_id_),
                .controller_id = node_id_},
               clock_, *metrics_, directory_, workers_),
        api_(rooms_,
             {.room_name_bytes = config.limit.max_room_name_length,
              .identity_bytes = config.limit.max_participant_identity_length,
              .metadata_bytes = config.limit.max_metadata_size},
             clock_, *metrics_),
        heartbeat_(cluster_loop_,
                   [this](std::function<void()> done) {
                     rooms_.ListRooms(
                         [done = std::move(done)](const std::vector<livekit::Room>&) { done(); });
                   }),
        front_door_(FrontDoorOptions(), rooms_, api_, clock_, *metrics_) {
    for (size_t i = 0; i < LoopCount(); ++i) {
      io_loops_.push_back(std::make_unique<AsioLoop>("io-" + std::to_string(i)));
    }
  }

  ~ServingController() override { Stop(); }

  absl::Status Start() {
    LinkWorkers();
    http::HttpServerOptions options;
    options.addresses = config_.bind_addresses;
    options.port = config_.port;
    if (!config_.tls.cert_file.empty()) {
      options.tls = {.cert_file = config_.tls.cert_file, .key_file = config_.tls.key_file};
    }
    options.body_limit_bytes = config_.limit.max_api_request_body_size;
    options.message_limit_bytes = config_.limit.signal_message_size_limit;
    std::vector<AsioLoop*> loops;
    for (const std::unique_ptr<AsioLoop>& loop : io_loops_) {
      loops.push_back(loop.get());
    }
    auto server = http::HttpServer::Listen(std::move(options), std::move(loops), front_door_);
    if (!server.ok()) {
      return server.status();
    }
    http_ = *std::move(server);
    metrics_->SetHttpServer(http_.get());
    return config_.prometheus.port == 0 ? absl::OkStatus() : StartMetricsEndpoint();
  }

  uint16_t port() const override { return http_->port(); }
  const std::string& node_id() const override { return node_id_; }

  void Drain() override { rooms_.Drain(); }

  size_t CountParticipants() override {
    struct Answer {
      absl::Notification arrived;
      size_t participants = 0;
    };
    const auto answer = std::make_shared<Answer>();
    rooms_.ListRooms([answer](const std::vector<livekit::Room>& rooms) {
      for (const livekit::Room& room : rooms) {
        answer->participants += room.num_participants();
      }
      answer->arrived.Notify();
    });
    // Rooms that do not answer hold nobody for whom waiting would be of use.
    return answer->arrived.WaitForNotificationWithTimeout(kRoundLimit) ? answer->participants : 0;
  }

  void Stop() override {
    if (std::exchange(stopped_, true)) {
      return;
    }
    front_door_.Drain();
    rooms_.CloseAll(livekit::SERVER_SHUTDOWN);
    if (http_ != nullptr) {
      http_->Stop(kFarewell);
    }
    metrics_endpoint_.reset();
    rooms_.Stop();  // They use the links, so they end first.
    workers_.Stop();
    for (const std::unique_ptr<AsioLoop>& loop : io_loops_) {
      loop->Stop();
    }
    metrics_->SetHttpServer(nullptr);
  }

 private:
  http::FrontDoor::Options FrontDoorOptions() {
    http::FrontDoor::Options options;
    options.keys = config_.keys;
    options.ice_servers = IceServersFrom(config_);
    options.is_healthy = [this] { return heartbeat_.is_healthy() && !seams_.why_not_live(); };
    options.why_not_ready = [this]() -> std::optional<std::string> {
      if (!workers_.has_worker()) {
        return "no worker is attached";
      }
      return std::nullopt;
    };
    if (config_.development) {
      options.find_asset = seams_.find_asset;
    }
    if (config_.placeholder_keys) {
      options.try_key = *config_.keys.begin();
    }
    return options;
  }

  void LinkWorkers() {
    for (const ControllerSeams::WorkerEndpoint& endpoint : seams_.workers) {
      // A worker's region is not known before workers say it; near enough: they are ours.
      workers_.Add(endpoint.address, config_.region, [&](workerlink::WorkerLinkHandler& handler) {
        workerlink::GrpcWorkerLinkOptions options;
        options.controller_id = node_id_;
        options.name = endpoint.address;
        return std::make_unique<workerlink::GrpcWorkerLink>(endpoint.channel, std::move(options),
                                                            cluster_loop_, link_random_, handler);
      });
    }
    if (!workers_.AwaitWorker(kWorkerWait)) {
      log::Write(log::Level::kWarning, "controller.no_worker_yet",
                 {{"workers", seams_.workers.size()}});
    }
  }

  absl::Status StartMetricsEndpoint() {
    PrivateEndpointOptions options;
    options.addresses = config_.bind_addresses;
    options.port = config_.prometheus.port;
    options.username = config_.prometheus.username;
    options.password = config_.prometheus.password;
    options.constant_labels = {{"node_id", node_id_}, {"node_type", "SERVER"}};
    options.live = [this] { return front_door_.WhyNotLive(); };
    options.ready = [this] { return front_door_.WhyNotReady(); };
    PrivateEndpoint::Collectables collectables = seams_.metrics;
    collectables.push_back(metrics_);
    collectables.push_back(std::make_shared<ProcessMetrics>());
    auto endpoint = PrivateEndpoint::Start(std::move(options), std::move(collectables));
    if (!endpoint.ok()) {
      return endpoint.status();
    }
    metrics_endpoint_ = *std::move(endpoint);
    return absl::OkStatus();
  }

  SystemClock clock_;
  SecureRandom random_;
  SecureRandom link_random_;
  const std::string node_id_;
  const config::Config config_;
  const ControllerSeams seams_;
  const std::shared_ptr<ControllerMetrics> metrics_ = std::make_shared<ControllerMetrics>(clock_);
  cluster::MemoryNodeRegistry nodes_;
  directory::MemoryRoomDirectory directory_;
  AsioLoop cluster_loop_{"cluster"};
  std::vector<std::unique_ptr<AsioLoop>> io_loops_;
  actor::WorkerPool workers_;
  actor::RoomRegistry rooms_;
  api::ApiServer api_;
  Heartbeat heartbeat_;
  http::FrontDoor front_door_;
  std::unique_ptr<http::HttpServer> http_;
  std::unique_ptr<PrivateEndpoint> metrics_endpoint_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Controller>> Controller::Start(const config::Config& config,
                                                              ControllerSeams seams) {
  auto controller = std::make_unique<ServingController>(config, std::move(seams));
  if (const absl::Status status = controller->Start(); !status.ok()) {
    return status;
  }
  return controller;
}

}  // namespace sfu::server
