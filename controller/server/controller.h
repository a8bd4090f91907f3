#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <grpcpp/channel.h>
#include <prometheus/collectable.h>

#include "common/config/config.h"
#include "controller/http/front_door.h"

namespace sfu::server {

// What the process around a controller brings along.
struct ControllerSeams {
  struct WorkerEndpoint {
    std::string address;  // For the log; "in-process" in the all-in-one.
    std::shared_ptr<grpc::Channel> channel;
  };
  std::vector<WorkerEndpoint> workers;
  // More for the metrics endpoint: an in-process worker's.
  std::vector<std::shared_ptr<const prometheus::Collectable>> metrics;
  // Whether the rest of the process still turns; nullopt when it does.
  std::function<std::optional<std::string>()> why_not_live = [] { return std::nullopt; };
  http::FindAsset find_asset;  // Served at /try in development.
};

// A whole controller: rooms on their loops, links to workers, HTTP. Built, stopped and destroyed on
// one thread; everything else happens on its own threads.
class Controller {
 public:
  // Returns when the port listens. The status of a failure tells the operator what to change.
  static absl::StatusOr<std::unique_ptr<Controller>> Start(const config::Config& config,
                                                           ControllerSeams seams);
  virtual ~Controller() = default;  // Stops.

  virtual uint16_t port() const = 0;
  virtual const std::string& node_id() const = 0;

  // No new rooms from now on; rooms that are here, and joining them, go on.
  virtual void Drain() = 0;

  // In all rooms of this controller. Waits for every room's thread: not for use on one of them.
  virtual size_t CountParticipants() = 0;

  // Tells every client to leave (SERVER_SHUTDOWN), gives them a few seconds to hear it, and ends.
  // Idempotent.
  virtual void Stop() = 0;
};

}  // namespace sfu::server
