#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/metrics/counter.h"
#include "common/net/socket_address.h"
#include "worker/ice_tcp/connection_limits.h"
#include "worker/media/tcp_connection.h"

namespace sfu::media {

// Written by the listener's thread only.
struct TcpListenerCounters {
  Counter accepted;
  Counter handed_over;
  Counter refused_limit;          // Too many were waiting for their first check.
  Counter refused_network_limit;  // Too many of the same network were.
  Counter closed_silent;          // No whole check within the time.
  Counter closed_not_check;       // Something else than a check came first.
  Counter closed_by_peer;
  Counter closed_unknown_thread;  // A check, but no thread of ours has made such a ufrag.
  Counter accept_failures;        // The process is out of descriptors, mostly.
};

// The one place where ICE-TCP connections arrive (RFC 6544, passive). The first packet on each must
// be a connectivity check [TCP-2]: our ufrag in it names the media thread whose transport it is
// for, which gets the connection and what has been read of it. All that strangers can do happens
// here, on a thread of its own.
//
// Shell.
class TcpListener {
 public:
  struct Options {
    ice_tcp::ConnectionLimits::Options limits = {};
    absl::Duration first_check_limit = absl::Seconds(5);
  };
  // Gives a connection to a media thread. False if there is no such thread, or if it takes no more.
  using HandOver = absl::AnyInvocable<bool(uint32_t thread_index, AcceptedConnection connection)>;

  // Binds `port` on each of `addresses`; 0 takes any (tests). Accepts nothing before Start(). The
  // status of a failure names the port and the key.
  static absl::StatusOr<std::unique_ptr<TcpListener>> Listen(
      const std::vector<SocketAddress>& addresses, uint16_t port, const Options& options);

  virtual ~TcpListener() = default;  // Stops; `hand_over` is not called any more.

  // Once. `hand_over` is called on the listener's thread.
  virtual void Start(HandOver hand_over) = 0;

  virtual uint16_t port() const = 0;
  virtual const TcpListenerCounters& counters() const = 0;
};

}  // namespace sfu::media
