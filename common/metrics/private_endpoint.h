#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <prometheus/collectable.h>

namespace sfu {

struct PrivateEndpointOptions {
  std::vector<std::string> addresses;  // IP literals. Empty: all.
  uint16_t port = 0;                   // 0: the system chooses.
  std::string username;                // With a password: basic authentication.
  std::string password;
  // Put on every metric whose name starts with "livekit_", as dashboards expect.
  std::vector<std::pair<std::string, std::string>> constant_labels;
};

// The port for operators: every path answers with the process's metrics in Prometheus's text form
// (operations contract, section 5.3). One thread, one request at a time, two seconds for each: made
// for a scraper or two, not for the world.
class PrivateEndpoint {
 public:
  using Collectables = std::vector<std::shared_ptr<const prometheus::Collectable>>;

  // The status of a failure names the port.
  static absl::StatusOr<std::unique_ptr<PrivateEndpoint>> Start(PrivateEndpointOptions options,
                                                                Collectables collectables);
  virtual ~PrivateEndpoint() = default;  // Ends the thread.

  virtual uint16_t port() const = 0;
};

}  // namespace sfu
