// livekit-server: a controller and a worker in one process, joined by gRPC's in-process channel.
// The same two halves as in a cluster, without a second code path.
#include <thread>
#include <utility>

#include "common/runtime/stop_signal.h"
#include "controller/server/run_controller.h"
#include "tools/all_in_one/try_page_assets.h"
#include "worker/server/worker.h"
#include "worker/server/worker_options.h"

int main(int argc, char** argv) {
  sfu::StopSignal stop_signal;
  auto prepared = sfu::server::PrepareToRun(sfu::config::Program::kAllInOne, argc, argv);
  if (const int* exit_code = std::get_if<int>(&prepared)) {
    return *exit_code;
  }
  const auto& config = std::get<sfu::config::Config>(prepared);

  const auto options = sfu::worker::WorkerOptionsFrom(config, std::thread::hardware_concurrency());
  if (!options.ok()) {
    return sfu::server::FailStart(options.status());
  }
  const auto worker = sfu::worker::Worker::Start(*options);
  if (!worker.ok()) {
    return sfu::server::FailStart(worker.status());
  }

  sfu::server::ControllerSeams seams;
  seams.workers.push_back({"in-process", (*worker)->InProcessChannel()});
  seams.metrics = (*worker)->metrics();
  seams.why_not_live = [&worker = **worker] { return worker.WhyNotLive(); };
  seams.find_asset = sfu::FindTryPageAsset;
  const auto controller = sfu::server::Controller::Start(config, std::move(seams));
  if (!controller.ok()) {
    return sfu::server::FailStart(controller.status());
  }
  return sfu::server::RunUntilStopped(config, **controller, stop_signal);
}
