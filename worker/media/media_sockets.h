#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/status/statusor.h>

#include "worker/ice/candidate.h"
#include "worker/media/local_addresses.h"
#include "worker/media/udp_socket.h"

namespace sfu::media {

// The UDP ports that media may use, both ends included. {0, 0}: whatever is free (tests).
struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;
};

// What one media thread listens on, and what its transports' descriptions say about it.
struct ThreadSockets {
  std::vector<std::unique_ptr<UdpSocket>> sockets;  // The index is ice::Path::local_socket.
  std::vector<ice::HostCandidate> candidates;       // In order of preference.
};

// Appends a candidate for each advertised address, in order of preference, each family counted by
// itself.
void AppendCandidates(const std::vector<BindAddress>& addresses,
                      ice::HostCandidate::Protocol protocol, uint16_t port,
                      std::vector<ice::HostCandidate>& candidates);

// One port per media thread [MUX-4]: packets arrive at the thread their room lives on. Takes the
// first `threads` ports of the range that can be bound on every address; with fewer ports than
// threads there are fewer threads, as the reference does. The result has at least one element.
//
// (One port for several threads needs a hand-off between threads, for which our ufrags name their
// thread [MUX-2]; the seam is ice::ThreadIndexOf().)
absl::StatusOr<std::vector<ThreadSockets>> OpenMediaSockets(
    const std::vector<BindAddress>& addresses, PortRange ports, size_t threads,
    const UdpSocket::Options& options);

}  // namespace sfu::media
