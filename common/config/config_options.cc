#include "common/config/config_options.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "common/config/cluster_options.h"
#include "common/config/option_values.h"
#include "common/config/reference_options.h"

namespace sfu::config {
namespace {

Option Flag(std::string_view path, bool& target, std::string_view help) {
  return {.path = std::string(path),
          .help = std::string(help),
          .boolean = true,
          .set = SetBool(target)};
}

Option Scalar(std::string_view path, Option::Setter set, std::string_view help) {
  return {.path = std::string(path), .help = std::string(help), .set = std::move(set)};
}

Option Structured(std::string_view path, Option::Setter set, std::string_view help) {
  return {
      .path = std::string(path), .help = std::string(help), .scalar = false, .set = std::move(set)};
}

void AddGeneral(OptionTable& table, Config& config) {
  table.Add(Scalar("port", SetPort(config.port), "HTTP and WebSocket port"));
  table.Add(Structured("bind_addresses", SetIps(config.bind_addresses),
                       "addresses to listen on; default: all"));
  table.Add(Scalar("tls.cert_file", SetText(config.tls.cert_file),
                   "certificate chain (PEM): serve HTTPS and WSS instead of HTTP and WS"));
  table.Add(Scalar("tls.key_file", SetText(config.tls.key_file), "its private key (PEM)"));
  table.Add(Scalar("shutdown.drain_timeout", SetDuration(config.drain_timeout),
                   "how long a stop waits for calls to end, e.g. 5s; 0: as long as they last"));
  table.Add(
      Scalar("prometheus_port", SetPort(config.prometheus.port), "older name of prometheus.port"));
  table.Add(Scalar("prometheus.port", SetPort(config.prometheus.port),
                   "port that serves metrics; 0: none"));
  table.Add(Scalar("prometheus.username", SetText(config.prometheus.username),
                   "basic authentication for metrics"));
  table.Add(Scalar("prometheus.password", SetText(config.prometheus.password),
                   "goes with prometheus.username"));
  table.Add(Structured("keys", SetTextMap(config.keys), "API keys, as \"key: secret\" lines"));
  table.Add(Scalar("key_file", SetText(config.key_file),
                   "file of \"key: secret\" lines, closed to other users; replaces keys"));
  table.Add(Scalar("region", SetText(config.region), "where this node is; shown to clients"));
  table.Add(Scalar("log_level", SetOneOf(config.logging.level, {"debug", "info", "warn", "error"}),
                   "older name of logging.level"));
  table.Add(Flag("logging.json", config.logging.json, "log JSON lines"));
  table.Add(Scalar("logging.level",
                   SetOneOf(config.logging.level, {"debug", "info", "warn", "error"}),
                   "debug, info, warn or error"));
  table.Add(Flag("development", config.development, "the same as --dev"));
}

void AddRtc(OptionTable& table, Rtc& rtc) {
  table.Add(Structured("rtc.udp_port", SetPortRange(rtc.udp_port),
                       "UDP port for all media, or a range of them"));
  table.Add(Scalar("rtc.port_range_start", SetPort(rtc.port_range_start),
                   "first UDP port for media; wins over rtc.udp_port"));
  table.Add(Scalar("rtc.port_range_end", SetPort(rtc.port_range_end), "last UDP port for media"));
  table.Add(Scalar("rtc.tcp_port", SetPort(rtc.tcp_port),
                   "TCP port for media where UDP is blocked; 0: none"));
  table.Add(Flag("rtc.force_tcp", rtc.force_tcp, "media over TCP only, for tests"));
  table.Add(
      Structured("rtc.node_ip", SetNodeIp(rtc.node_ip), "address that clients send media to"));
  table.Add(
      Flag("rtc.use_external_ip", rtc.use_external_ip, "ask rtc.stun_servers for that address"));
  table.Add(Flag("rtc.external_ip_only", rtc.external_ip_only,
                 "then leave out addresses that have no external one"));
  table.Add(Flag("rtc.advertise_internal_ip", rtc.advertise_internal_ip,
                 "then offer the internal addresses, too"));
  table.Add(Flag("rtc.require_ipv4", rtc.require_ipv4, "ask over IPv4 only"));
  // What these two can be set to is what happens anyway: never a check from outside, always lite.
  for (const std::string_view path : {"rtc.skip_external_ip_validation", "rtc.use_ice_lite"}) {
    table.Add({.path = std::string(path),
               .help = "",
               .support = Support::kNoEffect,
               .boolean = true,
               .inert = {"true", "false"},
               .set = CheckBool()});
  }
  table.Add(Structured("rtc.interfaces.includes", SetTexts(rtc.interfaces.includes),
                       "network interfaces to use for media"));
  table.Add(Structured("rtc.interfaces.excludes", SetTexts(rtc.interfaces.excludes),
                       "network interfaces to keep media off"));
  table.Add(Structured("rtc.ips.includes", SetCidrs(rtc.ips.includes),
                       "networks to use for media (CIDR)"));
  table.Add(Structured("rtc.ips.excludes", SetCidrs(rtc.ips.excludes),
                       "networks to keep media off (CIDR)"));
  table.Add(Flag("rtc.enable_loopback_candidate", rtc.enable_loopback_candidate,
                 "offer 127.0.0.1 to clients, for tests on one machine"));
  table.Add(Structured("rtc.additional_host_ips", SetIps(rtc.additional_host_ips),
                       "further addresses to offer to clients"));
  table.Add(Structured("rtc.stun_servers", SetTexts(rtc.stun_servers),
                       "STUN servers for use_external_ip and for clients, host:port"));
  table.Add(Scalar("rtc.media_threads", SetUnsigned(rtc.media_threads, 256),
                   "threads that forward media; 0: one less than cores"));
}

void AddRoomAndAudio(OptionTable& table, Config& config) {
  Room& room = config.room;
  table.Add(Flag("room.auto_create", room.auto_create, "joining creates the room"));
  table.Add(Structured("room.enabled_codecs", SetCodecs(room.enabled_codecs),
                       "codecs offered; replaces the default list"));
  table.Add(Scalar("room.max_participants", SetUnsigned(room.max_participants),
                   "participants per room; 0: no limit"));
  table.Add(Scalar("room.empty_timeout", SetSeconds(room.empty_timeout),
                   "seconds a room stays that nobody has joined"));
  table.Add(Scalar("room.departure_timeout", SetSeconds(room.departure_timeout),
                   "seconds a room stays after the last one left"));
  table.Add(Flag("room.enable_remote_unmute", room.enable_remote_unmute,
                 "the server API may unmute, too"));
  table.Add(Scalar("room.max_metadata_size", SetUnsigned(config.limit.max_metadata_size), ""));
  table.Add(
      Scalar("room.max_room_name_length", SetUnsigned(config.limit.max_room_name_length), ""));
  table.Add(Scalar("room.max_participant_identity_length",
                   SetUnsigned(config.limit.max_participant_identity_length), ""));
  Audio& audio = config.audio;
  table.Add(Scalar("audio.active_level", SetUnsigned(audio.active_level_dbov, 127),
                   "how loud a speaker must be, in -dBov: smaller is louder"));
  table.Add(Scalar("audio.min_percentile", SetUnsigned(audio.min_percentile, 100),
                   "share of an interval that must be that loud"));
  table.Add(Scalar(
      "audio.update_interval",
      [&audio](const YamlNode& value) -> std::optional<std::string> {
        // The reference takes milliseconds as a bare number here.
        uint32_t milliseconds = 0;
        if (!SetUnsigned(milliseconds, 60'000)(value) && milliseconds > 0) {
          audio.update_interval = absl::Milliseconds(milliseconds);
          return std::nullopt;
        }
        return SetDuration(audio.update_interval)(value);
      },
      "how often clients learn who speaks, in milliseconds"));
  table.Add(Scalar("audio.smooth_intervals", SetUnsigned(audio.smooth_intervals, 100),
                   "intervals that loudness is averaged over"));
}

void AddLimits(OptionTable& table, Limit& limit) {
  table.Add(Scalar("limit.max_metadata_size", SetUnsigned(limit.max_metadata_size),
                   "bytes of metadata; 0: no limit, as for all of these"));
  table.Add(Scalar("limit.max_attributes_size", SetUnsigned(limit.max_attributes_size),
                   "bytes of attribute names and values"));
  table.Add(Scalar("limit.max_room_name_length", SetUnsigned(limit.max_room_name_length), ""));
  table.Add(Scalar("limit.max_participant_identity_length",
                   SetUnsigned(limit.max_participant_identity_length), ""));
  table.Add(Scalar("limit.max_participant_name_length",
                   SetUnsigned(limit.max_participant_name_length), ""));
  table.Add(Scalar("limit.signal_message_size_limit", SetUnsigned(limit.signal_message_size_limit),
                   "bytes of one signal message"));
  table.Add(Scalar("limit.max_api_request_body_size", SetUnsigned(limit.max_api_request_body_size),
                   "bytes of a server API request"));
  const auto not_yet = [&table](std::string_view path, Option::Setter set) {
    table.Add({.path = std::string(path),
               .help = "",
               .support = Support::kNotYet,
               .set = std::move(set)});
  };
  not_yet("limit.num_tracks", SetUnsigned(limit.num_tracks));
  not_yet("limit.bytes_per_sec", SetUnsigned64(limit.bytes_per_sec));
  not_yet("limit.subscription_limit_video", SetUnsigned(limit.subscription_limit_video));
  not_yet("limit.subscription_limit_audio", SetUnsigned(limit.subscription_limit_audio));
}

}  // namespace

OptionTable MakeOptionTable(Config& config) {
  OptionTable table;
  AddGeneral(table, config);
  AddRtc(table, config.rtc);
  AddRoomAndAudio(table, config);
  AddLimits(table, config.limit);
  AddClusterOptions(table, config);
  AddReferenceOptions(table);
  table.Add(Structured("cluster.workers", SetTexts(config.cluster.workers),
                       "sfu-controller: host:port of each worker"));
  table.Add(Scalar("cluster.worker_listen", SetText(config.cluster.worker_listen),
                   "sfu-worker: where controllers reach it"));
  return table;
}

}  // namespace sfu::config
