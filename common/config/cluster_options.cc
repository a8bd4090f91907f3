#include "common/config/cluster_options.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/config/option_values.h"

namespace sfu::config {
namespace {

Option Scalar(std::string_view path, Option::Setter set, std::string_view help) {
  return {.path = std::string(path), .help = std::string(help), .set = std::move(set)};
}

Option Flag(std::string_view path, bool& target, std::string_view help) {
  return {.path = std::string(path),
          .help = std::string(help),
          .boolean = true,
          .set = SetBool(target)};
}

Option Structured(std::string_view path, Option::Setter set, std::string_view help) {
  return {
      .path = std::string(path), .help = std::string(help), .scalar = false, .set = std::move(set)};
}

// The reference takes milliseconds as a bare number here.
Option::Setter SetMilliseconds(absl::Duration& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    uint32_t milliseconds = 0;
    if (SetUnsigned(milliseconds, 600'000)(value)) {
      return "a number of milliseconds, 0 for the default";
    }
    target = absl::Milliseconds(milliseconds);
    return std::nullopt;
  };
}

// A node that is silent for 5 s is taken for gone; a beat or two must fit in.
Option::Setter SetHeartbeat(absl::Duration& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    absl::Duration interval;
    if (SetDuration(interval)(value) || interval < absl::Milliseconds(100) ||
        interval > absl::Milliseconds(2500)) {
      return "a duration from 100ms to 2500ms";
    }
    target = interval;
    return std::nullopt;
  };
}

Option::Setter SetRegions(std::vector<Region>& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::string accepted =
        "a list of entries \"{name: us-west, lat: 37.6, lon: -120.9}\", lat from -90 to 90, lon "
        "from -180 to 180";
    if (value.kind != YamlNode::Kind::kList) {
      return accepted;
    }
    std::vector<Region> regions;
    for (const YamlNode& item : value.items) {
      Region region;
      bool valid = item.kind == YamlNode::Kind::kMap && item.fields.size() == 3;
      for (const auto& [name, field] : item.fields) {
        if (name == "name") {
          valid = valid && !SetText(region.name)(field) && !region.name.empty();
        } else if (name == "lat") {
          valid = valid && !SetNumber(region.latitude_degrees, -90, 90, "")(field);
        } else if (name == "lon") {
          valid = valid && !SetNumber(region.longitude_degrees, -180, 180, "")(field);
        } else {
          valid = false;
        }
      }
      if (!valid) {
        return accepted;
      }
      regions.push_back(std::move(region));
    }
    target = std::move(regions);
    return std::nullopt;
  };
}

// Read, but no program joins a cluster yet.
Option NotYet(Option option) {
  option.support = Support::kNotYet;
  return option;
}

void AddRedis(OptionTable& table, Redis& redis) {
  table.Add(NotYet(Scalar("redis.address", SetText(redis.address),
                          "host:port of the Redis that joins nodes to a cluster")));
  table.Add(Scalar("redis.username", SetText(redis.username), "login at Redis"));
  table.Add(Scalar("redis.password", SetText(redis.password), "goes with it"));
  table.Add(Scalar("redis.db", SetUnsigned(redis.db), "number of the database"));
  table.Add(Flag("redis.use_tls", redis.use_tls, "older name of redis.tls.enabled"));
  table.Add(Flag("redis.tls.enabled", redis.tls.enabled, "connect to Redis with TLS"));
  table.Add(Flag("redis.tls.insecure", redis.tls.insecure, "believe any certificate"));
  table.Add(Scalar("redis.tls.server_name", SetText(redis.tls.server_name),
                   "name that the certificate must have; default: the host"));
  table.Add(Scalar("redis.tls.ca_cert_file", SetText(redis.tls.ca_cert_file),
                   "authorities to trust (PEM); default: the system's"));
  table.Add(Scalar("redis.tls.client_cert_file", SetText(redis.tls.client_cert_file),
                   "our certificate (PEM), if Redis asks for one"));
  table.Add(Scalar("redis.tls.client_key_file", SetText(redis.tls.client_key_file), "its key"));
  table.Add(Scalar("redis.sentinel_master_name", SetText(redis.sentinel_master_name),
                   "ask sentinels for the master of that name"));
  table.Add(NotYet(Structured("redis.sentinel_addresses", SetTexts(redis.sentinel_addresses),
                              "host:port of each sentinel")));
  table.Add(Scalar("redis.sentinel_username", SetText(redis.sentinel_username),
                   "login at the sentinels"));
  table.Add(Scalar("redis.sentinel_password", SetText(redis.sentinel_password), "goes with it"));
  table.Add(NotYet(Structured("redis.cluster_addresses", SetTexts(redis.cluster_addresses), "")));
  table.Add(Scalar("redis.dial_timeout", SetMilliseconds(redis.dial_timeout),
                   "milliseconds to connect; default 2000"));
  table.Add(Scalar("redis.read_timeout", SetMilliseconds(redis.read_timeout),
                   "milliseconds to wait for an answer; default 2000"));
  table.Add(Scalar("redis.write_timeout", SetMilliseconds(redis.write_timeout),
                   "that much more without one, and the connection is given up; default 2000"));
}

void AddNodeSelector(OptionTable& table, NodeSelector& selector) {
  table.Add(Scalar("node_selector.kind",
                   SetOneOf(selector.kind, {"any", "cpuload", "sysload", "regionaware", "random"}),
                   "which workers may take a room: any, cpuload, sysload, regionaware"));
  table.Add(Scalar("node_selector.sort_by",
                   SetOneOf(selector.sort_by, {"random", "sysload", "cpuload", "rooms", "clients",
                                               "tracks", "bytespersec"}),
                   "which of those does: random, sysload, cpuload, rooms, clients, tracks, "
                   "bytespersec"));
  table.Add(Scalar("node_selector.algorithm", SetOneOf(selector.algorithm, {"lowest", "twochoice"}),
                   "lowest of all, or twochoice: the lower of two picked at random"));
  table.Add(Scalar("node_selector.cpu_load_limit",
                   SetNumber(selector.cpu_load_limit, 0, 1, "a share from 0 to 1"),
                   "cpuload: busier workers come last"));
  table.Add(Scalar("node_selector.sysload_limit",
                   SetNumber(selector.sysload_limit, 0, 1000, "a load per core, 0 or more"),
                   "sysload, regionaware: the same for the load per core"));
  table.Add(Structured("node_selector.regions", SetRegions(selector.regions),
                       "regionaware: {name, lat, lon} of each; the nearest comes first"));
}

}  // namespace

void AddClusterOptions(OptionTable& table, Config& config) {
  AddRedis(table, config.redis);
  AddNodeSelector(table, config.node_selector);
  table.Add(Scalar("node_stats.stats_update_interval",
                   SetHeartbeat(config.node_stats.stats_update_interval),
                   "how often a node shows the others that it lives; default 2s"));
}

std::optional<std::string> CheckClusterOptions(const Config& config) {
  const std::vector<Region>& regions = config.node_selector.regions;
  if (config.node_selector.kind == "regionaware" &&
      std::none_of(regions.begin(), regions.end(),
                   [&config](const Region& region) { return region.name == config.region; })) {
    return fmt::format(
        "node_selector.kind: regionaware needs to know where this node is: region is \"{}\", "
        "which is not among node_selector.regions",
        config.region);
  }
  return std::nullopt;
}

}  // namespace sfu::config
