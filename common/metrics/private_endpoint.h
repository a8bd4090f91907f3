#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <prometheus/collectable.h>

namespace sfu {

// Answers a probe: nullopt when all is well, else what is not, in words for an operator.
using Probe = std::function<std::optional<std::string>()>;

struct PrivateEndpointOptions {
  std::vector<std::string> addresses;  // IP literals. Empty: all.
  uint16_t port = 0;                   // 0: the system chooses.
  std::string username;                // With a password: basic authentication.
  std::string password;
  // Put on every metric whose name starts with "livekit_", as dashboards expect.
  std::vector<std::pair<std::string, std::string>> constant_labels;
  Probe live = [] { return std::nullopt; };
  Probe ready = [] { return std::nullopt; };
};

// The port for operators: every path answers with the process's metrics in Prometheus's text form
// (operations contract, section 5.3), except that /livez and /readyz answer 200 "ok", or 503 and
// the reason, as an orchestrator's probes want it; those need no password. One thread, one request
// at a time, two seconds for each: made for a scraper or two, not for the world.
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
