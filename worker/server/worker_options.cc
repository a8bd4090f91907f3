#include "worker/server/worker_options.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace sfu::worker {
namespace {

absl::Status AppendAddress(const std::string& key, const std::string& literal,
                           std::vector<SocketAddress>& addresses) {
  if (literal.empty()) {
    return absl::OkStatus();
  }
  const std::optional<SocketAddress> address = SocketAddress::Parse(literal, 0);
  if (!address) {
    return absl::InvalidArgumentError(
        fmt::format("{}: '{}' is not an IP address; give a literal such as 192.0.2.1 or "
                    "2001:db8::1, or leave it out",
                    key, literal));
  }
  addresses.push_back(*address);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WorkerOptions> WorkerOptionsFrom(const config::Config& config, uint32_t cores) {
  WorkerOptions options;
  const config::PortRange ports = config.rtc.MediaPorts();
  options.udp_ports = {ports.first, ports.last};
  // One core is left to signaling and to the kernel's share of the network.
  options.media_threads =
      config.rtc.media_threads != 0 ? config.rtc.media_threads : std::max<uint32_t>(cores, 2) - 1;
  options.addresses.include_interfaces = config.rtc.interfaces.includes;
  options.addresses.exclude_interfaces = config.rtc.interfaces.excludes;
  options.addresses.include_loopback = config.rtc.enable_loopback_candidate;
  for (const std::string& literal : {config.rtc.node_ip.v4, config.rtc.node_ip.v6}) {
    if (const absl::Status status =
            AppendAddress("rtc.node_ip", literal, options.addresses.node_addresses);
        !status.ok()) {
      return status;
    }
  }
  return options;
}

}  // namespace sfu::worker
