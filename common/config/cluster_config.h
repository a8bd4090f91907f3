#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/time/time.h>

// What makes processes a cluster (operations contract, 2.4, 4.3 and 2.2). Plain data, as config.h.
namespace sfu::config {

struct RedisTls {
  bool enabled = false;
  bool insecure = false;  // Believes any certificate.
  std::string server_name = "";
  std::string ca_cert_file = "";
  std::string client_cert_file = "";
  std::string client_key_file = "";
};

// As written; common/redis makes sense of it. Zero durations: the default.
struct Redis {
  std::string address = "";  // host:port
  std::string username = "";
  std::string password = "";  // A secret, as sentinel_password: no logging.
  uint32_t db = 0;
  bool use_tls = false;  // Older name of tls.enabled.
  RedisTls tls = {};
  std::string sentinel_master_name = "";
  std::vector<std::string> sentinel_addresses = {};
  std::string sentinel_username = "";
  std::string sentinel_password = "";
  std::vector<std::string> cluster_addresses = {};
  absl::Duration dial_timeout = absl::ZeroDuration();
  absl::Duration read_timeout = absl::ZeroDuration();
  absl::Duration write_timeout = absl::ZeroDuration();

  // Otherwise everything is kept in this process.
  bool is_configured() const {
    return !address.empty() || !sentinel_master_name.empty() || !sentinel_addresses.empty() ||
           !cluster_addresses.empty();
  }
};

struct Region {
  std::string name = "";
  double latitude_degrees = 0;
  double longitude_degrees = 0;
};

// Which worker a new room goes to. The words are among those that the contract lists.
struct NodeSelector {
  std::string kind = "any";
  std::string sort_by = "random";
  std::string algorithm = "lowest";
  double cpu_load_limit = 0.9;
  double sysload_limit = 0.9;
  std::vector<Region> regions = {};
};

struct NodeStats {
  absl::Duration stats_update_interval = absl::Seconds(2);  // Between heartbeats.
};

}  // namespace sfu::config
