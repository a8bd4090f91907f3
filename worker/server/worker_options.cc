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

absl::Status AppendNetworks(const std::string& key, const std::vector<std::string>& texts,
                            std::vector<IpNetwork>& networks) {
  for (const std::string& text : texts) {
    const std::optional<IpNetwork> network = IpNetwork::Parse(text);
    if (!network) {
      return absl::InvalidArgumentError(
          fmt::format("{}: '{}' is not a network such as 10.0.0.0/8", key, text));
    }
    networks.push_back(*network);
  }
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
  options.tcp_port = config.rtc.tcp_port;
  options.force_tcp = config.rtc.force_tcp;
  if (options.force_tcp && options.tcp_port == 0) {
    return absl::InvalidArgumentError(
        "rtc.force_tcp leaves no way to send media: give rtc.tcp_port a port, or take it out");
  }
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
  for (const std::string& literal : config.rtc.additional_host_ips) {
    if (const absl::Status status = AppendAddress("rtc.additional_host_ips", literal,
                                                  options.addresses.additional_addresses);
        !status.ok()) {
      return status;
    }
  }
  if (const absl::Status status = AppendNetworks("rtc.ips.includes", config.rtc.ips.includes,
                                                 options.addresses.include_networks);
      !status.ok()) {
    return status;
  }
  if (const absl::Status status = AppendNetworks("rtc.ips.excludes", config.rtc.ips.excludes,
                                                 options.addresses.exclude_networks);
      !status.ok()) {
    return status;
  }
  if (config.rtc.use_external_ip) {
    // What the operator says about a family (node_ip) is not asked for again: an address that is
    // named is a better one than any that is found out.
    options.external_address_servers = config.rtc.stun_servers;
    options.external_address_ipv4_only = config.rtc.require_ipv4;
    options.external_address_rules = {.external_only = config.rtc.external_ip_only,
                                      .keep_internal = config.rtc.advertise_internal_ip};
  }
  return options;
}

}  // namespace sfu::worker
