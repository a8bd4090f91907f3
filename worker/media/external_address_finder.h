#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/net/socket_address.h"
#include "common/runtime/asio_loop.h"
#include "worker/media/external_addresses.h"

namespace sfu::media {

struct ExternalAddressFinderOptions {
  std::vector<std::string> servers;      // "host:port", "host" (port 3478), "[2001:db8::1]:3478".
  std::vector<SocketAddress> addresses;  // Local ones, each asked for by itself. Port 0.
  bool require_ipv4 = false;             // Leave the IPv6 ones alone.
};

// Shell: finds out, in the background, at which addresses this machine is seen from outside, by
// asking the STUN servers that the operator named and no others. Each attempt ends within some
// seconds; while there is no answer it is repeated, after half a minute at first and up to ten
// minutes later on, with jitter. The first failure is a warning that says what to do.
//
// Built and destroyed on any thread but the loop; works on the loop.
class ExternalAddressFinder {
 public:
  // Called on the loop, once, when at least one address is known.
  using Found = std::function<void(const ExternalAddresses&)>;

  ExternalAddressFinder(AsioLoop& loop, std::unique_ptr<Random> random,
                        ExternalAddressFinderOptions options, Found found);
  ~ExternalAddressFinder();
  ExternalAddressFinder(const ExternalAddressFinder&) = delete;
  ExternalAddressFinder& operator=(const ExternalAddressFinder&) = delete;

 private:
  class Search;

  AsioLoop& loop_;
  std::shared_ptr<Search> search_;  // On `loop_`.
};

}  // namespace sfu::media
