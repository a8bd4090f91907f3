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

// What one media thread sends and receives by, and what its transports' descriptions say about it.
//
// A socket has the same number on all threads of a worker (ice::Path::local_socket), so that a path
// means the same to all of them. One thread receives by it; others that offer it to their peers
// have a duplicate to send by, and get what arrives for them through a ThreadExchange.
struct ThreadSockets {
  struct Socket {
    std::unique_ptr<UdpSocket> socket;  // Null: not offered by this thread.
    uint32_t receiver = 0;              // The index of the thread that receives by it.
  };
  std::vector<Socket> sockets;                 // By number.
  std::vector<ice::HostCandidate> candidates;  // In order of preference.
};

// Appends a candidate for each advertised address, in order of preference and after those of the
// same protocol and family that are there.
void AppendCandidates(const std::vector<BindAddress>& addresses,
                      ice::HostCandidate::Protocol protocol, uint16_t port,
                      std::vector<ice::HostCandidate>& candidates);

// Those of `addresses` that the machine has at this moment: an IPv6 address that is still being
// checked for duplicates, or one that has gone since it was enumerated, is left out with a warning
// rather than keeping the server from starting. Fails if none is left.
absl::StatusOr<std::vector<BindAddress>> KeepBindable(std::vector<BindAddress> addresses);

// The sockets of `threads` media threads [MUX-4]. Each thread has a port of the range of its own,
// so that packets arrive where their room lives, as long as there are enough; of those that can be
// bound, the lowest are taken. All transports of a thread share its port: a range does not limit
// how many people can talk.
//
// Threads beyond the number of ports share the ports of the others. And every thread offers the
// first port as well, behind its own: operators often open no more than that in their firewall.
// A shared port is received by one thread, which passes on what is for others. (The alternatives:
// SO_REUSEPORT lets a second server on the machine take half of our packets instead of telling it
// that the port is taken, spreads by address and not by room, and so hands over as much; steering
// in the kernel needs a privilege. Receiving is the small part of what a media thread does, and
// rooms are placed by load, which includes it.)
//
// Fails with the operator's words if no port of the range can be bound on all addresses.
absl::StatusOr<std::vector<ThreadSockets>> OpenMediaSockets(
    const std::vector<BindAddress>& addresses, PortRange ports, size_t threads,
    const UdpSocket::Options& options);

}  // namespace sfu::media
