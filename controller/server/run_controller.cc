#include "controller/server/run_controller.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "common/config/version.h"
#include "common/log/grpc_log.h"
#include "common/log/log.h"
#include "common/runtime/secure_random.h"
#include "common/runtime/system_clock.h"
#include "controller/server/graceful_stop.h"
#include "controller/server/join_token_command.h"

namespace sfu::server {
namespace {

std::string MediaPortsText(const config::Config& config) {
  const config::PortRange ports = config.rtc.MediaPorts();
  return ports.first == ports.last ? fmt::format("{}", ports.first)
                                   : fmt::format("{}-{}", ports.first, ports.last);
}

// As the reference names what was configured.
log::Literal MediaPortsName(const config::Config& config) {
  return config.rtc.udp_port.empty() || config.rtc.port_range_start != 0
             ? log::Literal("rtc.portICERange")
             : log::Literal("rtc.portUDP");
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
  if (const auto* token = std::get_if<config::MakeJoinToken>(&result)) {
    std::fputs(JoinTokenText(*token, SystemClock().WallNow()).c_str(), stdout);
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
       {"tls", !config.tls.cert_file.empty()},
       {"rtc.portTCP", config.rtc.tcp_port},
       {MediaPortsName(config), log::Public(MediaPortsText(config))},
       {"portPrometheus", config.prometheus.port},
       {"region", log::Public(config.region)}});
  DrainOnSignal(controller, config.drain_timeout, stop_signal);
  StopUnlessForced(controller, stop_signal);
  return 0;
}

}  // namespace sfu::server
