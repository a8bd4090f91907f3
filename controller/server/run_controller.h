#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <absl/status/statusor.h>

#include "common/config/load_config.h"
#include "common/runtime/stop_signal.h"
#include "controller/server/controller.h"

// What the programs with a controller in them have in common: from the command line to the exit
// code.
namespace sfu::server {

// The configuration to run with, logging set up and warnings written; or the exit code of a process
// that has nothing to run, its text printed.
std::variant<config::Config, int> PrepareToRun(config::Program program, int argc, char** argv);

// Prints why the start failed; returns the exit code.
int FailStart(const absl::Status& status);

// Writes the start-up line (operations contract, section 1.4), waits for a signal, and stops the
// controller as graceful_stop.h says. Returns the exit code.
int RunUntilStopped(const config::Config& config, Controller& controller, StopSignal& stop_signal);

}  // namespace sfu::server
