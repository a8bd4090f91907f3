#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/config/config.h"

namespace sfu::redis {

// Where one server listens: host and port, or the path of a Unix socket.
struct Endpoint {
  std::string host = "";
  uint16_t port = 0;
  std::string path = "";  // When not empty, the others are.

  std::string ToText() const;  // As an operator would write it.

  // "host:port", "[v6]:port", "host" (then `default_port`), or "/path".
  static absl::StatusOr<Endpoint> Parse(std::string_view text, uint16_t default_port);

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Credentials {
  std::string username = "";  // Empty: Redis's default user.
  std::string password = "";  // Empty: no login.
};

struct TlsOptions {
  bool enabled = false;
  bool verify = true;
  std::string server_name =
      "";  // For SNI and the certificate; empty: the host that is connected to.
  std::string ca_cert_file = "";
  std::string client_cert_file = "";  // Both or neither.
  std::string client_key_file = "";
};

// How to reach the one server, checked: no value here can be wrong in form.
struct RedisOptions {
  Endpoint server;  // Unless sentinels know.
  std::vector<Endpoint> sentinels;
  std::string sentinel_master_name = "";
  Credentials credentials;
  Credentials sentinel_credentials;
  uint32_t database = 0;
  TlsOptions tls;  // For sentinels, too.
  absl::Duration dial_timeout;
  absl::Duration command_timeout;
  absl::Duration stall_limit;  // Without any answer; then the connection is given up.
};

// From the `redis` section (operations contract, 2.4). The error names the key and the fix, also
// for what is not supported.
absl::StatusOr<RedisOptions> RedisOptionsFrom(const config::Redis& config);

}  // namespace sfu::redis
