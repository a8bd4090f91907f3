#include "common/config/reference_options.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "common/config/option_values.h"

namespace sfu::config {
namespace {

enum class Type {
  kSwitch,
  kNumber,
  kDuration,
  kText,
  kOpen,  // A list or a section: what is in it is not looked at.
};

struct Entry {
  std::string_view path;
  Type type;
  std::string_view inert = "";  // The default, as it would be written.
};

Option::Setter CheckOf(Type type) {
  switch (type) {
    case Type::kSwitch:
      return CheckBool();
    case Type::kNumber:
      return CheckNumber();
    case Type::kDuration:
      return CheckDuration();
    case Type::kText:
      return CheckText();
    case Type::kOpen:
      break;
  }
  return nullptr;
}

void Add(OptionTable& table, Support support, const std::string& prefix,
         std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) {
    table.Add({.path = prefix + std::string(entry.path),
               .help = "",
               .support = support,
               .scalar = entry.type != Type::kOpen,
               .boolean = entry.type == Type::kSwitch,
               .inert = {std::string(entry.inert)},
               .set = CheckOf(entry.type)});
  }
}

// What users ask for and will get some day.
void AddNotYet(OptionTable& table) {
  using enum Type;
  Add(table, Support::kNotYet, "",
      {{"debug_handler.port", kNumber, "0"},
       {"trace.jaeger_url", kText},
       {"enable_participant_data_blob", kSwitch, "false"},
       {"ingress.rtmp_base_url", kText},
       {"ingress.whip_base_url", kText},
       {"sip", kOpen},
       {"limit.max_data_blob_key_length", kNumber, "256"},
       {"limit.max_data_blobs_size", kNumber, "64000"}});
  Add(table, Support::kNotYet, "webhook.",
      {{"api_key", kText},
       {"urls", kOpen},
       {"resource_url_notifier.max_age", kDuration, "30s"},
       {"resource_url_notifier.max_depth", kNumber, "200"},
       {"url_notifier.num_workers", kNumber, "10"},
       {"url_notifier.queue_size", kNumber, "100"},
       {"filter_params.include_events", kOpen},
       {"filter_params.exclude_events", kOpen}});
  Add(table, Support::kNotYet, "turn.",
      {{"enabled", kSwitch, "false"},
       {"domain", kText},
       {"cert_file", kText},
       {"key_file", kText},
       {"tls_port", kNumber, "0"},
       {"udp_port", kNumber, "0"},
       {"relay_range_start", kNumber, "30000"},
       {"relay_range_end", kNumber, "40000"},
       {"external_tls", kSwitch, "false"},
       {"bind_addresses", kOpen, "0.0.0.0"},
       {"per_user_relay_allocation_limit", kNumber, "12"},
       {"ttl_seconds", kNumber, "300"},
       {"allow_restricted_peer_cidrs", kOpen},
       {"deny_peer_cidrs", kOpen}});
  Add(table, Support::kNotYet, "room.",
      {{"playout_delay.enabled", kSwitch, "false"},
       {"playout_delay.min", kNumber, "0"},
       {"playout_delay.max", kNumber, "0"},
       {"sync_streams", kSwitch, "false"},
       {"enable_full_room_in_webhooks", kSwitch, "false"},
       {"room_configurations", kOpen}});
  Add(table, Support::kNotYet, "rtc.",
      {{"use_mdns", kSwitch, "false"},
       {"turn_servers", kOpen},
       {"allow_udp_unstable_fallback", kSwitch, "false"},
       {"reconnect_on_publication_error", kSwitch, "false"},
       {"reconnect_on_subscription_error", kSwitch, "false"},
       {"reconnect_on_data_channel_error", kSwitch, "false"},
       {"enable_rtp_stream_restart_detection", kSwitch, "false"},
       {"enable_warp", kSwitch, "false"},
       {"congestion_control.allow_pause", kSwitch, "false"},
       {"forward_stats.summary_interval", kDuration, "0"},
       {"forward_stats.report_interval", kDuration, "0"},
       {"forward_stats.report_window", kDuration, "0"}});
}

// Tuning of machinery that works in another way here.
void AddGeneralTuning(OptionTable& table) {
  using enum Type;
  Add(table, Support::kNoEffect, "",
      {{"logging.pion_level", kText, "error"},
       {"logging.component_levels", kOpen},
       {"logging.sample", kSwitch, "false"},
       {"logging.sample_initial", kNumber, "0"},
       {"logging.sample_interval", kNumber, "0"},
       {"logging.item_sample_seconds", kNumber, "0"},
       {"logging.item_sample_initial", kNumber, "0"},
       {"logging.item_sample_interval", kNumber, "0"},
       {"enable_data_tracks", kSwitch, "true"},
       {"node_stats.stats_rate_measurement_intervals", kOpen, "10s"},
       {"node_stats.stats_max_delay", kDuration, "30s"},
       {"redis.max_redirects", kNumber, "2"},
       {"redis.pool_timeout", kNumber, "0"},
       {"redis.pool_size", kNumber, "0"},
       {"api.execution_timeout", kDuration, "2s"},
       {"api.check_interval", kDuration, "100ms"},
       {"api.max_check_interval", kDuration, "300s"},
       {"api.enable_psrpc_for_get_list_participants", kSwitch, "false"},
       {"metric.timestamper_config.one_way_delay_estimator_min_interval", kDuration, "5s"},
       {"metric.timestamper_config.one_way_delay_estimator_max_batch", kNumber, "100"},
       {"metric.collector.sampling_interval_ms", kNumber, "3000"},
       {"metric.collector.batch_interval_ms", kNumber, "10000"},
       {"metric.reporter.reporting_interval_ms", kNumber, "10000"},
       {"agents.enable_user_data_recording", kSwitch, "false"},
       {"agents.enable_user_data_redaction", kSwitch, "false"},
       {"agents.target_load", kNumber, "0.7"},
       {"signal_relay.retry_timeout", kDuration, "7.5s"},
       {"signal_relay.min_retry_interval", kDuration, "500ms"},
       {"signal_relay.max_retry_interval", kDuration, "4s"},
       {"signal_relay.stream_buffer_size", kNumber, "1000"},
       {"signal_relay.connect_attempts", kNumber, "3"},
       {"psrpc.max_attempts", kNumber, "3"},
       {"psrpc.timeout", kDuration, "3s"},
       {"psrpc.backoff", kDuration, "2s"},
       {"psrpc.buffer_size", kNumber, "1000"},
       {"room.create_room_timeout", kDuration, "10s"},
       {"room.create_room_attempts", kNumber, "3"},
       {"room.update_batch_target_size", kNumber, "131072"},
       {"limit.max_data_track_custom_encoding_length", kNumber, "32"},
       {"limit.agent_signal_message_size_limit", kNumber, "2097152"},
       {"audio.active_red_encoding", kSwitch, "false"},
       {"audio.enable_loss_proxying", kSwitch, "false"},
       {"video.dynacast_pause_delay", kDuration, "5s"},
       {"video.codec_regression_threshold", kNumber, "5"}});
}

void AddStreamTrackers(OptionTable& table) {
  using enum Type;
  struct Source {
    std::string_view name;
    std::string_view report_interval, min_fps;
    std::string_view samples[3], cycles[3], duration;  // Per spatial layer.
  };
  const Source sources[] = {
      {"video", "1s", "5.0", {"1", "5", "5"}, {"4", "20", "20"}, "500ms"},
      {"screenshare", "4s", "0.5", {"1", "1", "1"}, {"1", "1", "1"}, "2s"},
  };
  for (const Source& source : sources) {
    const std::string prefix = fmt::format("video.stream_tracker_manager.{}.", source.name);
    Add(table, Support::kNoEffect, prefix, {{"stream_tracker_type", kText, "packet"}});
    for (int layer = 0; layer < 3; ++layer) {
      const std::string packets = fmt::format("packet_tracker.{}.", layer);
      Add(table, Support::kNoEffect, prefix,
          {{fmt::format("bitrate_report_interval.{}", layer), kDuration, source.report_interval},
           {packets + "samples_required", kNumber, source.samples[layer]},
           {packets + "cycles_required", kNumber, source.cycles[layer]},
           {packets + "cycle_duration", kDuration, source.duration},
           {fmt::format("frame_tracker.{}.min_fps", layer), kNumber, source.min_fps}});
    }
  }
}

void AddMediaTuning(OptionTable& table) {
  using enum Type;
  Add(table, Support::kNoEffect, "rtc.",
      {{"use_stun_port_as_ice", kSwitch, "false"},
       {"batch_io.batch_size", kNumber, "0"},
       {"batch_io.max_flush_interval", kDuration, "0"},
       {"sctp_min_cwnd", kNumber, "0"},
       {"sctp_fast_rtx_wnd", kNumber, "0"},
       {"sctp_cwnd_ca_step", kNumber, "0"},
       {"host_acceptance_min_wait", kDuration, "0"},
       {"srflx_acceptance_min_wait", kDuration, "0"},
       {"prflx_acceptance_min_wait", kDuration, "0"},
       {"relay_acceptance_min_wait", kDuration, "0"},
       {"packet_buffer_size", kNumber, "500"},
       {"packet_buffer_size_video", kNumber, "500"},
       {"packet_buffer_size_audio", kNumber, "200"},
       {"pli_throttle.low_quality", kDuration, "500ms"},
       {"pli_throttle.mid_quality", kDuration, "1s"},
       {"pli_throttle.high_quality", kDuration, "1s"},
       {"allow_tcp_fallback", kSwitch, "true"},
       {"tcp_fallback_rtt_threshold", kNumber, "0"},
       {"datachannel_slow_threshold", kNumber, "0"},
       {"datachannel_lossy_target_latency", kDuration, "0"},
       {"datachannel_data_track_target_latency", kDuration, "100ms"},
       {"data_channel_max_buffered_amount", kNumber, "0"},
       {"strict_acks", kSwitch, "false"}});
  Add(table, Support::kNoEffect, "rtc.congestion_control.",
      {{"enabled", kSwitch, "true"},
       {"use_send_side_bwe_interceptor", kSwitch, "false"},
       {"use_send_side_bwe", kSwitch, "false"},
       {"send_side_bwe_pacer", kText, "no-queue"},
       {"stream_allocator.min_channel_capacity", kNumber, "0"},
       {"stream_allocator.disable_etimation_unmanaged_tracks", kSwitch, "false"},
       {"stream_allocator.probe_mode", kText, "padding"},
       {"stream_allocator.probe_overage_pct", kNumber, "120"},
       {"stream_allocator.probe_min_bps", kNumber, "200000"},
       {"stream_allocator.paused_min_wait", kDuration, "5s"}});
}

void AddTrend(OptionTable& table, const std::string& prefix, std::string_view samples,
              std::string_view samples_min, std::string_view threshold, std::string_view collapse,
              std::string_view wait) {
  using enum Type;
  Add(table, Support::kNoEffect, prefix,
      {{"required_samples", kNumber, samples},
       {"required_samples_min", kNumber, samples_min},
       {"downward_trend_threshold", kNumber, threshold},
       {"downward_trend_max_wait", kDuration, wait},
       {"collapse_threshold", kDuration, collapse},
       {"validity_window", kDuration, "10s"}});
}

void AddProbing(OptionTable& table, const std::string& regulator, const std::string& settling) {
  using enum Type;
  Add(table, Support::kNoEffect, regulator + "probe_regulator.",
      {{"base_interval", kDuration, "3s"},
       {"backoff_factor", kNumber, "1.5"},
       {"max_interval", kDuration, "2m"},
       {"min_duration", kDuration, "200ms"},
       {"max_duration", kDuration, "20s"},
       {"duration_increase_factor", kNumber, "1.5"}});
  Add(table, Support::kNoEffect, settling,
      {{"settle_wait_num_rtt", kNumber, "5"},
       {"settle_wait_min", kDuration, "250ms"},
       {"settle_wait_max", kDuration, "5s"}});
}

void AddRemoteEstimator(OptionTable& table) {
  using enum Type;
  const std::string prefix = "rtc.congestion_control.remote_bwe.";
  Add(table, Support::kNoEffect, prefix,
      {{"nack_ratio_attenuator", kNumber, "0.4"},
       {"expected_usage_threshold", kNumber, "0.95"},
       {"channel_observer_probe.nack.window_min_duration", kDuration, "500ms"},
       {"channel_observer_probe.nack.window_max_duration", kDuration, "1s"},
       {"channel_observer_probe.nack.ratio_threshold", kNumber, "0.04"},
       {"channel_observer_non_probe.nack.window_min_duration", kDuration, "2s"},
       {"channel_observer_non_probe.nack.window_max_duration", kDuration, "3s"},
       {"channel_observer_non_probe.nack.ratio_threshold", kNumber, "0.08"}});
  AddTrend(table, prefix + "channel_observer_probe.estimate.", "3", "3", "0.0", "0", "5s");
  AddTrend(table, prefix + "channel_observer_non_probe.estimate.", "12", "8", "-0.6", "500ms",
           "5s");
  AddProbing(table, prefix + "probe_controller.", prefix + "probe_controller.");
}

void AddSendSideEstimator(OptionTable& table) {
  using enum Type;
  const std::string prefix = "rtc.congestion_control.send_side_bwe.congestion_detector.";
  Add(table, Support::kNoEffect, prefix,
      {{"packet_group.min_packets", kNumber, "30"},
       {"packet_group.max_window_duration", kDuration, "500ms"},
       {"packet_group_max_age", kDuration, "10s"},
       {"probe_packet_group.packet_group.min_packets", kNumber, "16384"},
       {"probe_packet_group.packet_group.max_window_duration", kDuration, "1m"},
       {"probe_signal.min_bytes_ratio", kNumber, "0.5"},
       {"probe_signal.min_duration_ratio", kNumber, "0.5"},
       {"congested_ctr_epsilon", kNumber, "0.05"},
       {"congested_packet_group.min_packets", kNumber, "20"},
       {"congested_packet_group.max_window_duration", kDuration, "150ms"},
       {"jqr_min_trend_coefficient", kNumber, "0.8"},
       {"estimaton_window_duration", kDuration, "1s"}});
  for (const std::string_view section : {"", "probe_signal."}) {
    Add(table, Support::kNoEffect, prefix + std::string(section),
        {{"jqr_min_delay", kDuration, "50ms"},
         {"dqr_max_delay", kDuration, "20ms"},
         {"jqr_min_weighted_loss", kNumber, "0.25"},
         {"dqr_max_weighted_loss", kNumber, "0.1"},
         {"weighted_loss.min_duration_for_loss_validity", kDuration, "100ms"},
         {"weighted_loss.base_duration", kDuration, "500ms"},
         {"weighted_loss.base_pps", kNumber, "30"},
         {"weighted_loss.loss_penalty_factor", kNumber, "0.25"}});
  }
  struct Signal {
    std::string_view name, groups, duration;
  };
  const Signal signals[] = {
      {"queuing_delay_early_warning_jqr", "2", "200ms"},
      {"queuing_delay_early_warning_dqr", "3", "300ms"},
      {"loss_early_warning_jqr", "3", "300ms"},
      {"loss_early_warning_dqr", "4", "400ms"},
      {"queuing_delay_congested_jqr", "4", "400ms"},
      {"queuing_delay_congested_dqr", "5", "500ms"},
      {"loss_congested_jqr", "6", "600ms"},
      {"loss_congested_dqr", "6", "600ms"},
  };
  for (const Signal& signal : signals) {
    Add(table, Support::kNoEffect, fmt::format("{}{}.", prefix, signal.name),
        {{"min_number_of_groups", kNumber, signal.groups},
         {"min_duration", kDuration, signal.duration}});
  }
  AddTrend(table, prefix + "congested_ctr_trend.", "4", "2", "-0.5", "500ms", "2s");
  AddProbing(table, prefix, prefix + "probe_packet_group.");
}

}  // namespace

void AddReferenceOptions(OptionTable& table) {
  AddNotYet(table);
  AddGeneralTuning(table);
  AddStreamTrackers(table);
  AddMediaTuning(table);
  AddRemoteEstimator(table);
  AddSendSideEstimator(table);
}

}  // namespace sfu::config
