#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "common/net/ip_network.h"
#include "common/net/socket_address.h"
#include "worker/ice/candidate.h"

namespace sfu::media {

// An address of one of the machine's network interfaces that is up. Port 0.
struct InterfaceAddress {
  std::string interface;
  SocketAddress address;
};

// From the kernel, in its order. Without IPv6 link-local addresses, which need a scope that
// candidates cannot express.
absl::StatusOr<std::vector<InterfaceAddress>> EnumerateInterfaceAddresses();

// What the operator says about addresses (operations.md 3.1, 3.2).
struct AddressOptions {
  // Advertised in place of the interfaces' own addresses of the same family: a public address in
  // front of a 1:1 NAT, or the one to be used of several.
  std::vector<SocketAddress> node_addresses = {};
  std::vector<std::string> include_interfaces = {};  // If not empty, only these.
  std::vector<std::string> exclude_interfaces = {};
  std::vector<IpNetwork> include_networks =
      {};  // Of the local addresses; if not empty, only these.
  std::vector<IpNetwork> exclude_networks = {};
  // Advertised besides what the rest gives: ways in that this machine cannot know of.
  std::vector<SocketAddress> additional_addresses = {};
  bool include_loopback = false;  // Candidates on 127.0.0.1: development and tests.
  bool use_ipv6 = true;
};

// A local address to bind, and the ones at which peers reach it.
struct BindAddress {
  SocketAddress local;                    // Port 0.
  std::vector<SocketAddress> advertised;  // Port 0; in order of preference.
};

// One socket per local address rather than one bound to "any": an answer then leaves from the
// address it was asked at, on machines with several as well, without per-packet control messages
// [ICE-3].
//
//  - A node address that an interface has is bound and advertised, and no other of its family.
//  - A node address that no interface has is a NAT's: every (non-loopback) address of its family is
//    bound, and the first of them advertises it.
//  - Without a node address of a family every address of it is bound and advertised.
//  - Loopback takes part only if included, or named as a node address, or if the machine has
//    nothing else.
//  - Additional addresses are advertised by the first address of their family that is bound.
//
// Filters are for what was not named. Pure. Fails if nothing is left, or if an additional address
// has no local one of its family to arrive at.
absl::StatusOr<std::vector<BindAddress>> SelectAddresses(
    const std::vector<InterfaceAddress>& interfaces, const AddressOptions& options);

}  // namespace sfu::media
