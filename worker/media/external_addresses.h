#pragma once

#include <map>
#include <vector>

#include "common/net/socket_address.h"
#include "worker/ice/candidate.h"

namespace sfu::media {

// Local addresses and the ones they are seen at from outside, both with port 0. An address that is
// seen as itself is in it, too.
using ExternalAddresses = std::map<SocketAddress, SocketAddress>;

// What clients are told once that is known (operations.md 3.1).
struct ExternalAddressRules {
  bool external_only = false;  // Leave out addresses that were asked for and are not known outside.
  bool keep_internal = false;  // Offer the internal address behind the external one.
};

// The candidates with external addresses in place of the local ones, ports and protocols unchanged,
// in order of preference: a NAT that maps addresses one to one, or a container's published ports.
// `asked` are the local addresses that were asked for; others, such as named ones, stay. If the
// rules would leave nothing, everything stays as it is. Pure.
std::vector<ice::HostCandidate> WithExternalAddresses(
    const std::vector<ice::HostCandidate>& candidates, const std::vector<SocketAddress>& asked,
    const ExternalAddresses& external, const ExternalAddressRules& rules);

}  // namespace sfu::media
