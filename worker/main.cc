// sfu-worker: the half that moves media, commanded by controllers over gRPC.

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "common/config/load_config.h"
#include "common/log/grpc_log.h"
#include "common/log/log.h"
#include "common/metrics/private_endpoint.h"
#include "common/metrics/process_metrics.h"
#include "common/runtime/secure_random.h"
#include "common/runtime/stop_signal.h"
#include "worker/server/worker.h"
#include "worker/server/worker_options.h"

namespace sfu {
namespace {

int Fail(const std::string& reason) {
  std::fprintf(stderr, "%s\n", reason.c_str());
  return 1;
}

// Null without `prometheus.port`.
absl::StatusOr<std::unique_ptr<PrivateEndpoint>> StartEndpoint(const config::Config& config,
                                                               worker::Worker& worker) {
  if (config.prometheus.port == 0) {
    return nullptr;
  }
  PrivateEndpointOptions options;
  options.addresses = config.bind_addresses;
  options.port = config.prometheus.port;
  options.username = config.prometheus.username;
  options.password = config.prometheus.password;
  options.constant_labels = {{"node_id", worker.id()}, {"node_type", "SERVER"}};
  options.live = [&worker] { return worker.WhyNotLive(); };
  // It takes rooms as soon as it listens, whoever brings them.
  options.ready = options.live;
  PrivateEndpoint::Collectables collectables = worker.metrics();
  collectables.push_back(std::make_shared<ProcessMetrics>());
  return PrivateEndpoint::Start(std::move(options), std::move(collectables));
}

int Run(const config::RunServer& start) {
  log::Configure(
      {.level = log::ParseLevel(start.config.logging.level), .json = start.config.logging.json});
  log::RouteGrpc();
  for (const std::string& warning : start.warnings) {
    log::Write(log::Level::kWarning, "config.warning", {{"text", log::Public(warning)}});
  }
  StopSignal stop;
  const auto options = worker::WorkerOptionsFrom(start.config, std::thread::hardware_concurrency());
  if (!options.ok()) {
    return Fail(std::string(options.status().message()));
  }
  const auto worker = worker::Worker::Start(*options);
  if (!worker.ok()) {
    return Fail(std::string(worker.status().message()));
  }
  const auto port = (*worker)->Listen(start.config.cluster.worker_listen);
  if (!port.ok()) {
    return Fail(std::string(port.status().message()));
  }
  const auto endpoint = StartEndpoint(start.config, **worker);
  if (!endpoint.ok()) {
    return Fail(std::string(endpoint.status().message()));
  }
  log::Write(
      log::Level::kInfo, "starting Haven SFU worker",
      {{"workerID", log::Public((*worker)->id())},
       {"portGrpc", *port},
       {"portPrometheus", start.config.prometheus.port},
       {"rtc.portUDP", log::Public(fmt::format("{}", fmt::join((*worker)->udp_ports(), ",")))}});
  stop.Wait();
  log::Write(log::Level::kInfo, "exit requested, shutting down");
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  SecureRandom random;
  const config::LoadResult result = config::LoadConfig(config::Program::kWorker, arguments,
                                                       config::Environment::OfProcess(), random);
  if (const auto* print = std::get_if<config::PrintAndExit>(&result)) {
    std::fputs(print->text.c_str(), stdout);
    return 0;
  }
  if (const auto* error = std::get_if<config::StartError>(&result)) {
    return Fail(error->text);
  }
  return Run(std::get<config::RunServer>(result));
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  return sfu::Main(std::vector<std::string>(argv + 1, argv + argc));
}
