// sfu-controller: the signaling and API half of a cluster. Media is the workers' (sfu-worker).
#include <utility>

#include "common/runtime/stop_signal.h"
#include "controller/server/run_controller.h"
#include "controller/worker_link/grpc_worker_link.h"

int main(int argc, char** argv) {
  sfu::StopSignal stop_signal;
  auto prepared = sfu::server::PrepareToRun(sfu::config::Program::kController, argc, argv);
  if (const int* exit_code = std::get_if<int>(&prepared)) {
    return *exit_code;
  }
  const auto& config = std::get<sfu::config::Config>(prepared);

  sfu::server::ControllerSeams seams;
  for (const std::string& address : config.cluster.workers) {
    seams.workers.push_back({address, sfu::workerlink::ChannelTo(address)});
  }
  const auto controller = sfu::server::Controller::Start(config, std::move(seams));
  if (!controller.ok()) {
    return sfu::server::FailStart(controller.status());
  }
  return sfu::server::RunUntilStopped(config, **controller, stop_signal);
}
