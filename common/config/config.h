#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "common/config/cluster_config.h"

namespace sfu::config {

// UDP ports first..last, both included. Port 0 means "none given".
struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;

  bool empty() const { return first == 0; }
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

// Literals; empty: found out by looking at the machine's interfaces.
struct NodeIp {
  std::string v4;
  std::string v6;
};

// Which of a set to use: when `includes` is not empty only those, and never `excludes`.
struct Filter {
  std::vector<std::string> includes;
  std::vector<std::string> excludes;
};

// PEM files; both or neither. With them the port speaks TLS only.
struct Tls {
  std::string cert_file;
  std::string key_file;
};

struct Prometheus {
  uint16_t port = 0;     // 0: no metrics endpoint.
  std::string username;  // Both or neither.
  std::string password;
};

struct Logging {
  bool json = false;
  std::string level = "info";  // debug, info, warn or error.
};

struct Rtc {
  PortRange udp_port;
  uint16_t port_range_start = 0;
  uint16_t port_range_end = 0;
  uint16_t tcp_port = 7881;  // 0: no ICE over TCP.
  bool force_tcp = false;    // No UDP for media.
  NodeIp node_ip;
  bool use_external_ip = false;
  bool external_ip_only = false;       // With use_external_ip, as the next two.
  bool advertise_internal_ip = false;  // Besides the external one.
  bool require_ipv4 = false;
  Filter interfaces;  // By name.
  Filter ips;         // CIDR.
  bool enable_loopback_candidate = false;
  std::vector<std::string> additional_host_ips;
  std::vector<std::string> stun_servers;  // host:port, for use_external_ip and for clients.
  uint32_t media_threads = 0;             // 0: one less than there are cores.

  // Ports for media, resolved: the range when both ends are given (it wins), else `udp_port`, else
  // 50000 to 60000. All clients share them; use the first ones first, since operators often open
  // no more than that.
  PortRange MediaPorts() const;
};

struct Codec {
  std::string mime;
  std::string fmtp_line;
};

struct Room {
  bool auto_create = true;
  std::vector<Codec> enabled_codecs;  // Empty: the default list.
  uint32_t max_participants = 0;      // 0: no limit.
  absl::Duration empty_timeout = absl::Seconds(300);
  absl::Duration departure_timeout = absl::Seconds(20);
  bool enable_remote_unmute = false;
};

// Speaker detection (media rules AUD-1 to AUD-3).
struct Audio {
  uint32_t active_level_dbov = 35;  // -dBov: smaller is louder.
  uint32_t min_percentile = 40;
  absl::Duration update_interval = absl::Milliseconds(400);
  uint32_t smooth_intervals = 2;
};

// Bytes, unless the name says otherwise. 0: no limit.
struct Limit {
  uint32_t num_tracks = 0;
  uint64_t bytes_per_sec = 0;
  uint32_t subscription_limit_video = 0;
  uint32_t subscription_limit_audio = 0;
  uint32_t max_metadata_size = 512 * 1024;
  uint32_t max_attributes_size = 64 * 1024;
  uint32_t max_room_name_length = 256;
  uint32_t max_participant_identity_length = 256;
  uint32_t max_participant_name_length = 256;
  uint32_t signal_message_size_limit = 2 * 1024 * 1024;
  uint32_t max_api_request_body_size = 10 * 1024 * 1024;
};

// How the processes of a split deployment find each other. Unused by the all-in-one.
struct Cluster {
  std::vector<std::string> workers;  // host:port of every worker a controller uses.
  std::string worker_listen = "0.0.0.0:7885";
};

// Everything one process was told, after flags, environment, file and defaults were put together
// (operations contract, sections 1 and 2). Plain data; made by LoadConfig().
struct Config {
  uint16_t port = 7880;
  std::vector<std::string> bind_addresses;  // Empty: all interfaces.
  Tls tls;
  Prometheus prometheus;
  // How long a stop waits for the participants to leave by themselves. Zero: as long as it takes.
  absl::Duration drain_timeout = absl::ZeroDuration();
  std::map<std::string, std::string, std::less<>> keys;  // API key -> secret. A secret: no logging.
  std::string key_file;
  std::string region;
  Logging logging;
  bool development = false;
  bool placeholder_keys = false;  // `keys` are the well-known ones of --dev.
  Rtc rtc;
  Room room;
  Audio audio;
  Limit limit;
  Cluster cluster;
  Redis redis;
  NodeSelector node_selector;
  NodeStats node_stats;
};

}  // namespace sfu::config
