#include "common/config/config_options.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "common/config/option_values.h"

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

void AddAll(OptionTable& table, Support support, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    table.Add({.path = std::string(path), .help = "", .support = support});
  }
}

// The same for options that are true or false.
void AddSwitches(OptionTable& table, Support support,
                 std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    table.Add({.path = std::string(path), .help = "", .support = support, .boolean = true});
  }
}

// A whole section of keys that are not told apart.
void AddSubtrees(OptionTable& table, Support support,
                 std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    table.Add({.path = std::string(path), .help = "", .support = support, .scalar = false});
  }
}

void AddGeneral(OptionTable& table, Config& config) {
  table.Add(Scalar("port", SetPort(config.port), "HTTP and WebSocket port"));
  table.Add(Structured("bind_addresses", SetIps(config.bind_addresses),
                       "addresses to listen on; default: all"));
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
  table.Add({.path = "rtc.tcp_port",
             .help = "TCP port for media where UDP is blocked; 0: none",
             .support = Support::kNotYet,
             .set = SetPort(rtc.tcp_port)});
  table.Add(
      Structured("rtc.node_ip", SetNodeIp(rtc.node_ip), "address that clients send media to"));
  table.Add({.path = "rtc.use_external_ip",
             .help = "ask a STUN server for that address",
             .support = Support::kNotYet,
             .boolean = true,
             .set = SetBool(rtc.use_external_ip)});
  table.Add({.path = "rtc.use_ice_lite",
             .help = "",
             .support = Support::kNoEffect,
             .boolean = true,
             .set = SetBool(rtc.use_ice_lite)});
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
                       "STUN servers given to clients, host:port"));
  table.Add(Scalar("rtc.packet_buffer_size_video", SetUnsigned(rtc.packet_buffer_size_video, 10000),
                   "video packets kept for retransmission, per track"));
  table.Add(Scalar("rtc.packet_buffer_size_audio", SetUnsigned(rtc.packet_buffer_size_audio, 10000),
                   "audio packets kept for retransmission, per track"));
  table.Add(Scalar("rtc.media_threads", SetUnsigned(rtc.media_threads, 256),
                   "threads that forward media; 0: one less than cores"));
  AddSwitches(table, Support::kNotYet,
              {"rtc.use_mdns", "rtc.external_ip_only", "rtc.advertise_internal_ip",
               "rtc.require_ipv4", "rtc.use_stun_port_as_ice", "rtc.force_tcp",
               "rtc.allow_udp_unstable_fallback", "rtc.reconnect_on_publication_error",
               "rtc.reconnect_on_subscription_error", "rtc.reconnect_on_data_channel_error",
               "rtc.enable_rtp_stream_restart_detection", "rtc.enable_warp"});
  AddSubtrees(table, Support::kNotYet, {"rtc.turn_servers"});
  AddAll(table, Support::kNoEffect,
         {"rtc.batch_io.batch_size",
          "rtc.batch_io.max_flush_interval",
          "rtc.sctp_min_cwnd",
          "rtc.sctp_fast_rtx_wnd",
          "rtc.sctp_cwnd_ca_step",
          "rtc.host_acceptance_min_wait",
          "rtc.srflx_acceptance_min_wait",
          "rtc.prflx_acceptance_min_wait",
          "rtc.relay_acceptance_min_wait",
          "rtc.packet_buffer_size",
          "rtc.pli_throttle.low_quality",
          "rtc.pli_throttle.mid_quality",
          "rtc.pli_throttle.high_quality",
          "rtc.tcp_fallback_rtt_threshold",
          "rtc.datachannel_slow_threshold",
          "rtc.datachannel_lossy_target_latency",
          "rtc.datachannel_data_track_target_latency",
          "rtc.data_channel_max_buffered_amount",
          "rtc.forward_stats.summary_interval",
          "rtc.forward_stats.report_interval",
          "rtc.forward_stats.report_window",
          "rtc.congestion_control.send_side_bwe_pacer"});
  AddSwitches(table, Support::kNotYet, {"rtc.congestion_control.allow_pause"});
  AddSubtrees(table, Support::kNoEffect,
              {"rtc.congestion_control.stream_allocator", "rtc.congestion_control.remote_bwe",
               "rtc.congestion_control.send_side_bwe"});
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
  AddSwitches(
      table, Support::kNotYet,
      {"room.playout_delay.enabled", "room.sync_streams", "room.enable_full_room_in_webhooks"});
  AddSubtrees(table, Support::kNotYet, {"room.room_configurations"});
  AddAll(table, Support::kNoEffect,
         {"room.playout_delay.min", "room.playout_delay.max", "room.create_room_timeout",
          "room.create_room_attempts", "room.update_batch_target_size"});

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
  AddAll(table, Support::kNoEffect,
         {"video.dynacast_pause_delay", "video.codec_regression_threshold"});
  AddSubtrees(table, Support::kNoEffect, {"video.stream_tracker_manager"});
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
  AddAll(table, Support::kNoEffect,
         {"limit.max_data_blob_key_length", "limit.max_data_blobs_size",
          "limit.max_data_track_custom_encoding_length", "limit.agent_signal_message_size_limit"});
}

// Parts of the reference server that this one does not have yet.
void AddOtherServices(OptionTable& table) {
  AddAll(table, Support::kNotYet,
         {"redis.address", "turn.cert_file", "turn.key_file", "turn.domain", "turn.tls_port",
          "turn.udp_port", "turn.relay_range_start", "turn.relay_range_end",
          "turn.per_user_relay_allocation_limit", "turn.ttl_seconds", "debug_handler.port",
          "trace.jaeger_url", "ingress.rtmp_base_url", "ingress.whip_base_url"});
  AddSubtrees(
      table, Support::kNotYet,
      {"redis.sentinel_addresses", "redis.cluster_addresses", "webhook", "turn.bind_addresses",
       "turn.allow_restricted_peer_cidrs", "turn.deny_peer_cidrs", "sip"});
  AddSwitches(table, Support::kNotYet,
              {"turn.enabled", "turn.external_tls", "enable_participant_data_blob"});
  // Nothing without one of the addresses above.
  AddAll(table, Support::kNoEffect,
         {"redis.username", "redis.password", "redis.db", "redis.sentinel_master_name",
          "redis.sentinel_username", "redis.sentinel_password", "redis.dial_timeout",
          "redis.read_timeout", "redis.write_timeout", "redis.max_redirects", "redis.pool_timeout",
          "redis.pool_size"});
  AddSubtrees(table, Support::kNoEffect,
              {"redis.tls", "node_selector", "node_stats", "api", "metric", "agents",
               "signal_relay", "psrpc", "logging.component_levels"});
  AddAll(table, Support::kNoEffect,
         {"logging.pion_level", "logging.sample_initial", "logging.sample_interval",
          "logging.item_sample_seconds", "logging.item_sample_initial",
          "logging.item_sample_interval"});
  AddSwitches(
      table, Support::kNoEffect,
      {"rtc.skip_external_ip_validation", "rtc.allow_tcp_fallback", "rtc.strict_acks",
       "rtc.congestion_control.enabled", "rtc.congestion_control.use_send_side_bwe_interceptor",
       "rtc.congestion_control.use_send_side_bwe", "audio.active_red_encoding",
       "audio.enable_loss_proxying", "redis.use_tls", "logging.sample", "enable_data_tracks"});
}

}  // namespace

OptionTable MakeOptionTable(Config& config) {
  OptionTable table;
  AddGeneral(table, config);
  AddRtc(table, config.rtc);
  AddRoomAndAudio(table, config);
  AddLimits(table, config.limit);
  AddOtherServices(table);
  table.Add(Structured("cluster.workers", SetTexts(config.cluster.workers),
                       "sfu-controller: host:port of each worker"));
  table.Add(Scalar("cluster.worker_listen", SetText(config.cluster.worker_listen),
                   "sfu-worker: where controllers reach it"));
  return table;
}

}  // namespace sfu::config
