#pragma once

#include <cstdint>
#include <string>

#include "common/net/socket_address.h"

namespace sfu::ice {

// A place where we wait for checks. A lite agent has host candidates only ([ICE-1]); a public
// address in front of a 1:1 NAT counts as one ([ICE-12]).
struct HostCandidate {
  enum class Protocol { kUdp, kTcpPassive };

  Protocol protocol = Protocol::kUdp;
  SocketAddress address;
  // 0 for the address we would rather be reached at, 1 for the next; one order per family.
  uint16_t preference_rank = 0;
};

// RFC 8445 §5.1.2.1 and [ICE-11]: the first UDP candidate has 2130706431. For TCP, RFC 6544 §4.2
// with the type preference lowered by 27, so that UDP always wins: 1671430143.
uint32_t CandidatePriority(const HostCandidate& candidate);

// Equal for candidates with the same IP and protocol, different otherwise (RFC 8445 §5.1.1.3).
std::string CandidateFoundation(const HostCandidate& candidate);

// The value of an `a=candidate` line without "a=" (RFC 8839 §5.1), also what clients expect in the
// candidate field of a trickled candidate:
//   candidate:<foundation> 1 udp 2130706431 192.0.2.7 7882 typ host
//   candidate:<foundation> 1 tcp 1671430143 192.0.2.7 7881 typ host tcptype passive
std::string CandidateAttribute(const HostCandidate& candidate);

}  // namespace sfu::ice
