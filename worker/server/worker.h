#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <grpcpp/channel.h>

#include "common/net/socket_address.h"

namespace sfu::worker {

struct WorkerOptions {
  // One media thread per port, at most `media_threads` of them; 0 lets the system choose a port.
  std::vector<uint16_t> udp_ports = {0};
  uint32_t media_threads = 1;

  // What is advertised to clients, best first. Ports are filled in per media thread.
  std::vector<SocketAddress> advertised_addresses;

  // How long rooms outlive a broken stream to their controller.
  absl::Duration orphan_grace = absl::Seconds(30);
};

// A whole worker: media threads, their sockets and rooms, and the gRPC service that commands them.
// Built and destroyed on one thread; everything else happens on its own threads.
class Worker {
 public:
  // Binds the media sockets and starts the threads. The status of a failure names the port and what
  // to change.
  static absl::StatusOr<std::unique_ptr<Worker>> Start(const WorkerOptions& options);

  virtual ~Worker() = default;

  // For a controller in the same process: the same service without sockets.
  virtual std::shared_ptr<grpc::Channel> InProcessChannel() = 0;

  // For controllers elsewhere: serves at "host:port" too. Returns the port, which port 0 leaves to
  // the system.
  virtual absl::StatusOr<int> Listen(const std::string& address) = 0;

  // The UDP ports in use, one per media thread.
  virtual std::vector<uint16_t> udp_ports() const = 0;
};

}  // namespace sfu::worker
