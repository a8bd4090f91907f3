#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <absl/time/time.h>

#include "common/net/socket_address.h"

namespace sfu::benchmark {

// The least that one received packet to many subscribers can cost: receive it, and for each of them
// copy a header, seal the payload with a key of their own (OpenSSL's AES-128-GCM) and send it, in
// sendmmsg() calls of 64. No routing, no numbers, no timers. What a forwarder costs is stated as a
// multiple of what this costs in the same run.
//
// Runs on a thread of its own that does nothing else.
class FloorLoop {
 public:
  FloorLoop(std::vector<SocketAddress> subscribers, int cpu);
  ~FloorLoop();
  FloorLoop(const FloorLoop&) = delete;
  FloorLoop& operator=(const FloorLoop&) = delete;

  const SocketAddress& address() const { return address_; }  // Where to send packets to.
  absl::Duration cpu_time() const;                           // Of the thread, so far.

 private:
  class Sealer;

  void Run(int cpu);

  const std::vector<SocketAddress> subscribers_;
  int descriptor_ = -1;
  SocketAddress address_;
  std::thread thread_;
};

}  // namespace sfu::benchmark
