#include "worker/media/local_addresses.h"

#include <algorithm>
#include <array>
#include <optional>

#include <absl/status/status.h>
#include <errno.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

namespace sfu::media {
namespace {

std::optional<SocketAddress> FromKernel(const sockaddr* address) {
  if (address == nullptr) {
    return std::nullopt;
  }
  if (address->sa_family == AF_INET) {
    std::array<uint8_t, 4> octets;
    memcpy(octets.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
    return SocketAddress::V4(octets, 0);
  }
  if (address->sa_family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&v6)) {
      return std::nullopt;
    }
    std::array<uint8_t, 16> octets;
    memcpy(octets.data(), &v6, 16);
    return SocketAddress::V6(octets, 0);
  }
  return std::nullopt;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Contains(const std::vector<IpNetwork>& networks, const SocketAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& network) { return network.Contains(address); });
}

// A machine without a network can still talk to itself.
bool HasOnlyLoopback(const std::vector<InterfaceAddress>& interfaces) {
  return std::all_of(interfaces.begin(), interfaces.end(), [](const InterfaceAddress& candidate) {
    return candidate.address.is_loopback();
  });
}

bool MayUse(const InterfaceAddress& candidate, const AddressOptions& options) {
  if (!candidate.address.is_v4() && !options.use_ipv6) {
    return false;
  }
  if (Contains(options.exclude_networks, candidate.address) ||
      (!options.include_networks.empty() &&
       !Contains(options.include_networks, candidate.address))) {
    return false;
  }
  if (candidate.address.is_loopback()) {
    return options.include_loopback;
  }
  return options.include_interfaces.empty()
             ? !Contains(options.exclude_interfaces, candidate.interface)
             : Contains(options.include_interfaces, candidate.interface);
}

// The addresses of one family, bound and advertised as the header says.
void SelectFamily(bool v4, const std::vector<InterfaceAddress>& interfaces,
                  const AddressOptions& options, std::vector<BindAddress>& selected) {
  std::vector<SocketAddress> behind_nat;
  bool named = false;
  for (const SocketAddress& node : options.node_addresses) {
    if (node.is_v4() != v4) {
      continue;
    }
    const bool local = std::any_of(interfaces.begin(), interfaces.end(),
                                   [&](const auto& other) { return other.address == node; });
    if (local) {
      selected.push_back({node, {node}});
      named = true;
    } else {
      behind_nat.push_back(node);
    }
  }

  bool nat_is_advertised = false;
  for (const InterfaceAddress& candidate : interfaces) {
    const SocketAddress& address = candidate.address;
    if (address.is_v4() != v4 || !MayUse(candidate, options)) {
      continue;
    }
    if (address.is_loopback()) {
      if (!named || std::none_of(selected.begin(), selected.end(), [&](const BindAddress& other) {
            return other.local == address;
          })) {
        selected.push_back({address, {address}});
      }
    } else if (!behind_nat.empty()) {
      selected.push_back({address, nat_is_advertised ? std::vector<SocketAddress>() : behind_nat});
      nat_is_advertised = true;
    } else if (!named) {
      selected.push_back({address, {address}});
    }
  }
}

absl::Status AddAdditional(const AddressOptions& options, std::vector<BindAddress>& selected) {
  for (const SocketAddress& additional : options.additional_addresses) {
    const auto carrier = std::find_if(
        selected.begin(), selected.end(),
        [&](const BindAddress& address) { return address.local.is_v4() == additional.is_v4(); });
    if (carrier == selected.end()) {
      return absl::FailedPreconditionError(fmt::format(
          "rtc.additional_host_ips: {} cannot be offered to clients: no local {} address is in use",
          additional.ToWireString(), additional.is_v4() ? "IPv4" : "IPv6"));
    }
    const bool known =
        std::any_of(selected.begin(), selected.end(), [&](const BindAddress& address) {
          return std::find(address.advertised.begin(), address.advertised.end(), additional) !=
                 address.advertised.end();
        });
    if (!known) {
      carrier->advertised.push_back(additional);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<InterfaceAddress>> EnumerateInterfaceAddresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    return absl::UnavailableError(
        fmt::format("cannot list network interfaces: {}", strerror(errno)));
  }
  std::vector<InterfaceAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if ((entry->ifa_flags & IFF_UP) == 0) {
      continue;
    }
    if (const std::optional<SocketAddress> address = FromKernel(entry->ifa_addr)) {
      addresses.push_back({entry->ifa_name, *address});
    }
  }
  freeifaddrs(list);
  return addresses;
}

absl::StatusOr<std::vector<BindAddress>> SelectAddresses(
    const std::vector<InterfaceAddress>& interfaces, const AddressOptions& given) {
  AddressOptions options = given;
  options.include_loopback |= HasOnlyLoopback(interfaces);
  std::vector<BindAddress> selected;
  SelectFamily(/*v4=*/true, interfaces, options, selected);
  SelectFamily(/*v4=*/false, interfaces, options, selected);
  // What peers should try first comes first: loopback is only good on this machine.
  std::stable_partition(selected.begin(), selected.end(),
                        [](const BindAddress& address) { return !address.local.is_loopback(); });
  if (const absl::Status status = AddAdditional(options, selected); !status.ok()) {
    return status;
  }
  const bool reachable = std::any_of(selected.begin(), selected.end(), [](const auto& address) {
    return !address.advertised.empty();
  });
  if (!reachable) {
    return absl::FailedPreconditionError(
        "no usable network address for media: check rtc.node_ip, rtc.interfaces, rtc.ips and "
        "rtc.enable_loopback_candidate");
  }
  return selected;
}

}  // namespace sfu::media
