#pragma once

#include "common/metrics/counter.h"
#include "worker/media/tcp_connection.h"
#include "worker/media/udp_socket.h"

namespace sfu::media {

// What one media thread counts besides what its transports do. Written by that thread only.
struct MediaCounters {
  SocketCounters sockets;
  TcpCounters tcp;

  Counter dropped_unknown_transport;  // Not STUN, and from a path that nobody has.
  Counter dropped_unknown_ufrag;      // STUN, but for none of our transports.
  Counter dropped_stun_limit;         // STUN from unknown paths beyond the budget [MUX-5].
  Counter dropped_not_stun_check;     // From an unknown path, STUN in form only.

  // For transports of other threads: passed on, and not because the other thread is behind.
  Counter handed_over;
  Counter dropped_handover_full;

  Counter passes;
  Counter slow_passes;  // Longer than 5 ms [PERF-5].
  Counter busy_microseconds;
};

}  // namespace sfu::media
