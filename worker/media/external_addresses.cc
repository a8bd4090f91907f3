#include "worker/media/external_addresses.h"

#include <algorithm>
#include <utility>

namespace sfu::media {
namespace {

// Adds a candidate behind those of its protocol and family, unless it is there.
void Append(ice::HostCandidate candidate, std::vector<ice::HostCandidate>& to) {
  uint16_t rank = 0;
  for (const ice::HostCandidate& other : to) {
    if (other.protocol != candidate.protocol) {
      continue;
    }
    if (other.address == candidate.address) {
      return;
    }
    if (other.address.is_v4() == candidate.address.is_v4()) {
      ++rank;
    }
  }
  candidate.preference_rank = rank;
  to.push_back(std::move(candidate));
}

}  // namespace

std::vector<ice::HostCandidate> WithExternalAddresses(
    const std::vector<ice::HostCandidate>& candidates, const std::vector<SocketAddress>& asked,
    const ExternalAddresses& external, const ExternalAddressRules& rules) {
  std::vector<ice::HostCandidate> result;
  for (const ice::HostCandidate& candidate : candidates) {
    const SocketAddress local = candidate.address.WithPort(0);
    const auto found = external.find(local);
    if (found == external.end()) {
      if (!rules.external_only || std::find(asked.begin(), asked.end(), local) == asked.end()) {
        Append(candidate, result);
      }
      continue;
    }
    ice::HostCandidate outside = candidate;
    outside.address = found->second.WithPort(candidate.address.port());
    Append(outside, result);
    if (rules.keep_internal) {
      Append(candidate, result);
    }
  }
  return result.empty() ? candidates : result;
}

}  // namespace sfu::media
