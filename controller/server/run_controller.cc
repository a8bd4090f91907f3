#include "controller/server/run_controller.h"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include <absl/synchronization/notification.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "common/config/version.h"
#include "common/log/grpc_log.h"
#include "common/log/log.h"
#include "common/runtime/secure_random.h"

namespace sfu::server {
namespace {

std::string MediaPortsText(const config::Config& config) {
  const config::PortRange ports = config.rtc.MediaPorts();
  return ports.first == ports.last ? fmt::format("{}", ports.first)
                                   : fmt::format("{}-{}", ports.first, ports.last);
}

}  // namespace

std::variant<config::Config, int> PrepareToRun(config::Program program, int argc, char** argv) {
  SecureRandom random;
  config::LoadResult result =
      config::LoadConfig(program, std::vector<std::string>(argv + 1, argv + argc),
                         config::Environment::OfProcess(), random);
  if (const auto* print = std::get_if<config::PrintAndExit>(&result)) {
    std::fputs(print->text.c_str(), stdout);
    return 0;
  }
  if (const auto* error = std::get_if<config::StartError>(&result)) {
    std::fprintf(stderr, "%s\n", error->text.c_str());
    return 1;
  }
  auto& run = std::get<config::RunServer>(result);
  log::Configure(
      {.level = log::ParseLevel(run.config.logging.level), .json = run.config.logging.json});
  log::RouteGrpc();
  for (const std::string& warning : run.warnings) {
    log::Write(log::Level::kWarning, "config", {{"warning", log::Public(warning)}});
  }
  return std::move(run.config);
}

int FailStart(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

int RunUntilStopped(const config::Config& config, Controller& controller, StopSignal& stop_signal) {
  log::Write(
      log::Level::kInfo, "starting LiveKit server",
      {{"portHttp", controller.port()},
       {"nodeID", log::Public(controller.node_id())},
       {"nodeIP",
        log::Public(config.rtc.node_ip.v4.empty() ? config.rtc.node_ip.v6 : config.rtc.node_ip.v4)},
       {"version", log::Literal(config::kVersion)},
       {"compatibleVersion", log::Literal(config::kCompatibleVersion)},
       {"bindAddresses", log::Public(fmt::format("{}", fmt::join(config.bind_addresses, ",")))},
       {"rtc.portUDP", log::Public(MediaPortsText(config))},
       {"portPrometheus", config.prometheus.port},
       {"region", log::Public(config.region)}});
  const int signal = stop_signal.Wait().value_or(0);
  log::Write(log::Level::kInfo, "exit requested, shutting down",
             {{"signal", signal}, {"force", false}});

  absl::Notification stopped;
  std::thread stopper([&controller, &stopped] {
    controller.Stop();
    stopped.Notify();
  });
  while (!stopped.HasBeenNotified()) {
    if (const std::optional<int> second = stop_signal.Wait(absl::Milliseconds(50))) {
      log::Write(log::Level::kInfo, "exit requested, shutting down",
                 {{"signal", *second}, {"force", true}});
      std::_Exit(0);
    }
  }
  stopper.join();
  return 0;
}

}  // namespace sfu::server
