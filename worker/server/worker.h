#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <grpcpp/channel.h>
#include <prometheus/collectable.h>

#include "worker/media/external_addresses.h"
#include "worker/media/local_addresses.h"
#include "worker/media/media_sockets.h"

namespace sfu::worker {

struct WorkerOptions {
  // Each media thread has a port of the range, as long as there are enough; see OpenMediaSockets().
  media::PortRange udp_ports;
  uint32_t media_threads = 1;

  uint16_t tcp_port = 0;   // For ICE over TCP, one for all threads; 0: none.
  bool force_tcp = false;  // No UDP at all: for tests, and for hosts that only TCP reaches.

  // Which local addresses to bind, and what to advertise to clients for them.
  media::AddressOptions addresses;

  // Whom to ask for the addresses by which this machine is reached from outside, and how what they
  // say changes what clients are told. No servers: nobody is asked.
  std::vector<std::string> external_address_servers;
  bool external_address_ipv4_only = false;
  media::ExternalAddressRules external_address_rules;

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

  // The UDP ports in use, in the order of the threads they belong to; none with force_tcp.
  virtual std::vector<uint16_t> udp_ports() const = 0;

  // "WK_..."; another one in each life of the process.
  virtual const std::string& id() const = 0;

  // The media plane's metrics, for the process's scrape endpoint. They must go before the worker.
  virtual std::vector<std::shared_ptr<const prometheus::Collectable>> metrics() = 0;

  // Which of the worker's loops stands still, if any: for liveness probes. Any thread.
  virtual std::optional<std::string> WhyNotLive() const = 0;
};

}  // namespace sfu::worker
