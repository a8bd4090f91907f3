#include "common/redis/redis_options.h"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace sfu::redis {
namespace {

constexpr uint16_t kRedisPort = 6379;
constexpr uint16_t kSentinelPort = 26379;
// The reference waits 5, 3 and 3 seconds. Here a caller is a client that joins a room.
constexpr absl::Duration kDialTimeout = absl::Seconds(2);
constexpr absl::Duration kReadTimeout = absl::Seconds(2);
constexpr absl::Duration kWriteTimeout = absl::Seconds(2);

absl::Duration OrDefault(absl::Duration given, absl::Duration fallback) {
  return given == absl::ZeroDuration() ? fallback : given;
}

absl::StatusOr<std::vector<Endpoint>> ParseSentinels(const config::Redis& config) {
  std::vector<Endpoint> sentinels;
  for (const std::string& text : config.sentinel_addresses) {
    absl::StatusOr<Endpoint> endpoint = Endpoint::Parse(text, kSentinelPort);
    if (!endpoint.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("redis.sentinel_addresses: {}", std::string(endpoint.status().message())));
    }
    sentinels.push_back(*std::move(endpoint));
  }
  if (sentinels.empty()) {
    return absl::InvalidArgumentError(
        "redis.sentinel_master_name is set without redis.sentinel_addresses: list the sentinels' "
        "host:port there");
  }
  return sentinels;
}

absl::StatusOr<TlsOptions> TlsFrom(const config::Redis& config) {
  const config::RedisTls& tls = config.tls;
  if (tls.client_cert_file.empty() != tls.client_key_file.empty()) {
    return absl::InvalidArgumentError(
        "redis.tls.client_cert_file and redis.tls.client_key_file go together: set both");
  }
  return TlsOptions{.enabled = tls.enabled || config.use_tls,
                    .verify = !tls.insecure,
                    .server_name = tls.server_name,
                    .ca_cert_file = tls.ca_cert_file,
                    .client_cert_file = tls.client_cert_file,
                    .client_key_file = tls.client_key_file};
}

}  // namespace

std::string Endpoint::ToText() const {
  if (!path.empty()) {
    return path;
  }
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

absl::StatusOr<Endpoint> Endpoint::Parse(std::string_view text, uint16_t default_port) {
  if (text.starts_with('/')) {
    return Endpoint{.host = "", .port = 0, .path = std::string(text)};
  }
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    host = end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
    const std::string_view rest = text.substr(std::min(text.size(), end + 1));
    port = rest.empty() ? rest : rest.substr(1);
    if (!rest.empty() && (rest.front() != ':' || port.empty())) {
      host = {};
    }
  } else if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    // Two colons without brackets are an IPv6 address whose port would be guesswork.
    if (port.empty() || host.find(':') != std::string_view::npos) {
      host = {};
    }
  }
  uint16_t number = default_port;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool valid_port =
      port.empty() || (error == std::errc() && end == port.data() + port.size() && number != 0);
  if (host.empty() || !valid_port || text.find("://") != std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" is no address: expected host:port, [v6]:port or /path/of/a/socket", text));
  }
  return Endpoint{.host = std::string(host), .port = number, .path = ""};
}

absl::StatusOr<RedisOptions> RedisOptionsFrom(const config::Redis& config) {
  RedisOptions options;
  if (!config.sentinel_master_name.empty()) {
    absl::StatusOr<std::vector<Endpoint>> sentinels = ParseSentinels(config);
    if (!sentinels.ok()) {
      return sentinels.status();
    }
    options.sentinels = *std::move(sentinels);
  } else if (!config.cluster_addresses.empty()) {
    return absl::InvalidArgumentError(
        "redis.cluster_addresses: Redis Cluster is not supported; what is kept there is small: "
        "use one server (redis.address) or sentinels (redis.sentinel_master_name)");
  } else if (!config.sentinel_addresses.empty() && config.address.empty()) {
    return absl::InvalidArgumentError(
        "redis.sentinel_addresses is set without redis.sentinel_master_name: name the master as "
        "the sentinels know it");
  } else {
    absl::StatusOr<Endpoint> server = Endpoint::Parse(config.address, kRedisPort);
    if (!server.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("redis.address: {}", std::string(server.status().message())));
    }
    options.server = *std::move(server);
  }
  if ((config.password.empty() && !config.username.empty()) ||
      (config.sentinel_password.empty() && !config.sentinel_username.empty())) {
    return absl::InvalidArgumentError(
        "redis.username goes with redis.password, and redis.sentinel_username with "
        "redis.sentinel_password: set both");
  }
  absl::StatusOr<TlsOptions> tls = TlsFrom(config);
  if (!tls.ok()) {
    return tls.status();
  }
  options.tls = *std::move(tls);
  options.sentinel_master_name = config.sentinel_master_name;
  options.credentials = {.username = config.username, .password = config.password};
  options.sentinel_credentials = {.username = config.sentinel_username,
                                  .password = config.sentinel_password};
  options.database = config.db;
  options.dial_timeout = OrDefault(config.dial_timeout, kDialTimeout);
  options.command_timeout = OrDefault(config.read_timeout, kReadTimeout);
  options.stall_limit = options.command_timeout + OrDefault(config.write_timeout, kWriteTimeout);
  return options;
}

}  // namespace sfu::redis
