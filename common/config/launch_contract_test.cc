// The operations contract, sections 1.1 to 1.3, 2 and 3, row by row: every flag, variable, command
// and key is accepted, and does what its row says or is answered with a warning that names it.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/config_options.h"
#include "common/config/load_config.h"
#include "tests/support/seeded_random.h"

namespace sfu::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kKeys[] = "key: 0123456789abcdef0123456789abcdef";

class LaunchContractTest : public ::testing::Test {
 protected:
  LoadResult Load(const std::vector<std::string>& arguments, Program program) {
    const auto find = [](const std::map<std::string, std::string>& in, const std::string& name) {
      const auto found = in.find(name);
      return found == in.end() ? std::nullopt : std::optional(found->second);
    };
    const Environment environment = {
        .variable = [this, find](const std::string& name) { return find(variables_, name); },
        .read_file = [this, find](const std::string& path) { return find(files_, path); },
        .others_may_access = [](const std::string&) { return false; },
    };
    SeededRandom random(1);
    return LoadConfig(program, arguments, environment, random);
  }

  Config Run(const std::vector<std::string>& arguments) {
    LoadResult result = Load(arguments, Program::kAllInOne);
    if (const auto* run = std::get_if<RunServer>(&result)) {
      warnings_ = run->warnings;
      return run->config;
    }
    const auto* error = std::get_if<StartError>(&result);
    ADD_FAILURE() << (error == nullptr ? "did not run" : error->text);
    return {};
  }

  std::string Error(const std::vector<std::string>& arguments) {
    LoadResult result = Load(arguments, Program::kAllInOne);
    const auto* error = std::get_if<StartError>(&result);
    return error == nullptr ? "" : error->text;
  }

  std::map<std::string, std::string> variables_ = {{"LIVEKIT_KEYS", kKeys}};
  std::map<std::string, std::string> files_;
  std::vector<std::string> warnings_;
};

// --- 1.1 Flags and their variables.

TEST_F(LaunchContractTest, BindIsRepeatableAndReplacesTheList) {
  files_["f"] = "bind_addresses: [192.0.2.9]\n";
  EXPECT_THAT(Run({"--config", "f", "--bind", "127.0.0.1", "--bind", "::1"}).bind_addresses,
              ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(Error({"--bind", "localhost"}), HasSubstr("a list of IP addresses"));
}

TEST_F(LaunchContractTest, ConfigBodyWinsOverConfigAndHasAVariable) {
  files_["f"] = "region: file\n";
  EXPECT_EQ(Run({"--config", "f"}).region, "file");
  EXPECT_EQ(Run({"--config", "f", "--config-body", "region: body"}).region, "body");
  variables_["LIVEKIT_CONFIG"] = "region: variable";
  EXPECT_EQ(Run({"--config", "f"}).region, "variable");
}

TEST_F(LaunchContractTest, KeysComeFromFourPlacesTheLaterReplacingTheEarlier) {
  variables_.clear();
  variables_["HOME"] = "/home/u";
  files_["f"] = "keys: {a: 0123456789012345678901234567890123456789}\n";
  const auto only_key = [this](const std::vector<std::string>& arguments) {
    const Config config = Run(arguments);
    return config.keys.size() == 1 ? config.keys.begin()->first : "";
  };
  EXPECT_EQ(only_key({"--config", "f"}), "a");
  variables_["LIVEKIT_KEYS"] = "b: 'second'";
  EXPECT_EQ(only_key({"--config", "f"}), "b");
  EXPECT_EQ(only_key({"--config", "f", "--keys", "c: third"}), "c");
  files_["/home/u/keys"] = "d: fourth\n";
  EXPECT_EQ(only_key({"--config", "f", "--keys", "c: third", "--key-file", "~/keys"}), "d");
  variables_["SECRETS"] = "/home/u";
  EXPECT_EQ(only_key({"--key-file", "${SECRETS}/keys"}), "d");
  EXPECT_EQ(only_key({"--key_file", "$SECRETS/keys"}), "d");
}

TEST_F(LaunchContractTest, ASecretOfDigitsIsTextInTheFileAndWantsQuotesInTheVariable) {
  const std::string digits(64, '7');
  variables_.clear();
  files_["f"] = "keys: {haven_0123456789abcdef: " + digits + "}\n";
  EXPECT_EQ(Run({"--config", "f"}).keys.begin()->second, digits);
  variables_["LIVEKIT_KEYS"] = "key: " + digits;
  EXPECT_THAT(Error({}), HasSubstr("wants quotes"));
  variables_["LIVEKIT_KEYS"] = "key: " + digits + "\nother: 'quoted'";
  EXPECT_EQ(Run({}).keys.size(), 1u);
  EXPECT_THAT(warnings_, Contains(HasSubstr("1 of the given keys ignored")));
}

struct ValueFlag {
  const char* flag;
  const char* variable;
  const char* value;
  std::function<std::string(const Config&)> get;
};

TEST_F(LaunchContractTest, EachFlagAndEachVariableSetsItsOption) {
  const ValueFlag kFlags[] = {
      {"--region", "LIVEKIT_REGION", "here", [](const Config& c) { return c.region; }},
      {"--node-ip", "NODE_IP", "192.0.2.1",
       [](const Config& c) { return c.rtc.node_ip.v4 + c.rtc.node_ip.v6; }},
      {"--node-ip", "NODE_IP", "2001:db8::1",
       [](const Config& c) { return c.rtc.node_ip.v4 + c.rtc.node_ip.v6; }},
      {"--node-ip", "NODE_IP", "192.0.2.1,2001:db8::1",
       [](const Config& c) { return c.rtc.node_ip.v4 + "," + c.rtc.node_ip.v6; }},
      {"--udp-port", "UDP_PORT", "7882-7892",
       [](const Config& c) {
         return std::to_string(c.rtc.udp_port.first) + "-" + std::to_string(c.rtc.udp_port.last);
       }},
      {"--udp-port", "UDP_PORT", "7882",
       [](const Config& c) { return std::to_string(c.rtc.udp_port.last); }},
      {"--port", "LIVEKIT_PORT", "7000", [](const Config& c) { return std::to_string(c.port); }},
      {"--rtc.tcp_port", "LIVEKIT_RTC_TCP_PORT", "7001",
       [](const Config& c) { return std::to_string(c.rtc.tcp_port); }},
      {"--logging.level", "LIVEKIT_LOGGING_LEVEL", "warn",
       [](const Config& c) { return c.logging.level; }},
  };
  for (const ValueFlag& row : kFlags) {
    variables_ = {{"LIVEKIT_KEYS", kKeys}};
    EXPECT_EQ(row.get(Run({row.flag, row.value})), row.value) << row.flag;
    EXPECT_EQ(row.get(Run({std::string(row.flag) + "=" + row.value})), row.value) << row.flag;
    variables_[row.variable] = row.value;
    EXPECT_EQ(row.get(Run({})), row.value) << row.variable;
  }
}

TEST_F(LaunchContractTest, RedisAndTurnFlagsNameTheirOptions) {
  struct Row {
    const char* flag;
    const char* variable;
    const char* value;
    const char* path;
  };
  const Row kRows[] = {
      {"--redis-host", "REDIS_HOST", "localhost:6379", "redis.address"},
      {"--redis-password", "REDIS_PASSWORD", "secret", "redis.password"},
      {"--turn-cert", "LIVEKIT_TURN_CERT", "/cert", "turn.cert_file"},
      {"--turn-key", "LIVEKIT_TURN_KEY", "/key", "turn.key_file"},
  };
  Config config;
  const OptionTable table = MakeOptionTable(config);
  for (const Row& row : kRows) {
    EXPECT_NE(table.Find(row.path), nullptr) << row.path;
    variables_ = {{"LIVEKIT_KEYS", kKeys}};
    Run({row.flag, row.value});
    variables_[row.variable] = row.value;
    Run({});
  }
}

TEST_F(LaunchContractTest, ProfilesAreAcceptedAndSaidToDoNothing) {
  Run({"--cpuprofile", "a", "--memprofile", "b"});
  EXPECT_THAT(warnings_, ElementsAre(StartsWith("--cpuprofile"), StartsWith("--memprofile")));
}

TEST_F(LaunchContractTest, StrictnessCanBeSwitchedOff) {
  files_["f"] = "port: 7000\nturn:\n  loadBalancerAnnotations: {a: b}\n  secretName: s\n";
  EXPECT_THAT(Error({"--config", "f"}), HasSubstr("line 3: unknown option"));
  EXPECT_EQ(Run({"--config", "f", "--disable-strict-config"}).port, 7000);
}

TEST_F(LaunchContractTest, GeneratedFlagsExistForSingleValuesOnly) {
  EXPECT_EQ(Error({"--redis-hst", "h"}), "unknown flag --redis-hst; did you mean --redis-host?");
  EXPECT_EQ(Error({"--rtc.udp_port", "7882"}), "unknown flag --rtc.udp_port; see --help");
  EXPECT_THAT(Error({"--bind_addresses", "127.0.0.1"}), StartsWith("unknown flag"));
  EXPECT_FALSE(Run({"--room.auto_create=false"}).room.auto_create);
  EXPECT_EQ(Run({"--room.empty_timeout", "7"}).room.empty_timeout, absl::Seconds(7));
  EXPECT_EQ(Run({"--shutdown.drain_timeout", "5s"}).drain_timeout, absl::Seconds(5));
}

// --- 1.2 Commands. The others are in load_config_test.

TEST_F(LaunchContractTest, CreateJoinTokenNeedsARoomAndAnIdentity) {
  LoadResult result = Load({"create-join-token", "--room", "r", "--identity", "i", "--recorder"},
                           Program::kAllInOne);
  const auto* token = std::get_if<MakeJoinToken>(&result);
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(token->room, "r");
  EXPECT_EQ(token->identity, "i");
  EXPECT_TRUE(token->recorder);
  EXPECT_EQ(token->config.keys.begin()->first, "key");
  EXPECT_THAT(Error({"create-join-token", "--room", "r"}), HasSubstr("--identity"));
  EXPECT_THAT(Error({"--room", "r"}), HasSubstr("create-join-token"));
  variables_.clear();
  EXPECT_THAT(Error({"create-join-token", "--room", "r", "--identity", "i"}),
              HasSubstr("one of key-file or keys must be provided"));
}

// --- 1.3 Development. The rest is in load_config_test.

TEST_F(LaunchContractTest, DevelopmentInTheFileIsTheSameAsTheFlag) {
  variables_.clear();
  files_["f"] = "development: true\n";
  const Config config = Run({"--config", "f"});
  EXPECT_TRUE(config.placeholder_keys);
  EXPECT_THAT(config.bind_addresses, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(config.rtc.MediaPorts(), (PortRange{7882, 7882}));
}

TEST_F(LaunchContractTest, DevelopmentKeepsGivenPorts) {
  EXPECT_EQ(Run({"--dev", "--udp-port", "9000-9010"}).rtc.MediaPorts(), (PortRange{9000, 9010}));
  EXPECT_EQ(Run({"--dev", "--rtc.port_range_start", "9000", "--rtc.port_range_end", "9010"})
                .rtc.MediaPorts(),
            (PortRange{9000, 9010}));
}

// --- 2 and 3 The keys.

// Every key with its default, as the reference documents it.
constexpr char kDefaults[] = R"(
port: 7880
bind_addresses: []
prometheus_port: 0
prometheus: {port: 0, username: "", password: ""}
debug_handler: {port: 0}
key_file: ""
region: ""
logging:
  json: false
  level: info
  pion_level: error
  component_levels: {}
  sample: false
  sample_initial: 0
  sample_interval: 0
  item_sample_seconds: 0
  item_sample_initial: 0
  item_sample_interval: 0
development: false
enable_data_tracks: true
enable_participant_data_blob: false
trace: {jaeger_url: ""}
node_stats:
  stats_update_interval: 2s
  stats_rate_measurement_intervals: [10s]
  stats_max_delay: 30s
api:
  execution_timeout: 2s
  check_interval: 100ms
  max_check_interval: 5m
  enable_psrpc_for_get_list_participants: false
metric:
  timestamper_config: {one_way_delay_estimator_min_interval: 5s, one_way_delay_estimator_max_batch: 100}
  collector: {sampling_interval_ms: 3000, batch_interval_ms: 10000}
  reporter: {reporting_interval_ms: 10000}
ingress: {rtmp_base_url: "", whip_base_url: ""}
sip: {}
webhook:
  api_key: ""
  urls: []
  resource_url_notifier: {max_age: 30s, max_depth: 200}
  url_notifier: {num_workers: 10, queue_size: 100}
  filter_params: {include_events: [], exclude_events: []}
limit:
  num_tracks: 0
  bytes_per_sec: 0
  subscription_limit_video: 0
  subscription_limit_audio: 0
  max_metadata_size: 524288
  max_attributes_size: 65536
  max_room_name_length: 256
  max_participant_identity_length: 256
  max_participant_name_length: 256
  max_data_blob_key_length: 256
  max_data_blobs_size: 64000
  max_data_track_custom_encoding_length: 32
  signal_message_size_limit: 2097152
  agent_signal_message_size_limit: 2097152
  max_api_request_body_size: 10485760
agents: {enable_user_data_recording: false, enable_user_data_redaction: false, target_load: 0.7}
signal_relay:
  retry_timeout: 7.5s
  min_retry_interval: 500ms
  max_retry_interval: 4s
  stream_buffer_size: 1000
  connect_attempts: 3
psrpc: {max_attempts: 3, timeout: 3s, backoff: 2s, buffer_size: 1000}
node_selector:
  kind: any
  sort_by: random
  algorithm: lowest
  cpu_load_limit: 0.9
  sysload_limit: 0.9
  regions: []
redis:
  address: ""
  username: ""
  password: ""
  db: 0
  use_tls: false
  tls: {enabled: false, insecure: false, server_name: "", ca_cert_file: "", client_cert_file: "", client_key_file: ""}
  sentinel_master_name: ""
  sentinel_username: ""
  sentinel_password: ""
  sentinel_addresses: []
  cluster_addresses: []
  pool_size: 0
room:
  auto_create: true
  enabled_codecs: []
  max_participants: 0
  empty_timeout: 300
  departure_timeout: 20
  enable_remote_unmute: false
  playout_delay: {enabled: false, min: 0, max: 0}
  sync_streams: false
  create_room_timeout: 10s
  create_room_attempts: 3
  enable_full_room_in_webhooks: false
  update_batch_target_size: 131072
  room_configurations: {}
audio:
  active_level: 35
  min_percentile: 40
  update_interval: 400
  smooth_intervals: 2
  active_red_encoding: false
  enable_loss_proxying: false
video:
  dynacast_pause_delay: 5s
  codec_regression_threshold: 5
  stream_tracker_manager:
    video:
      stream_tracker_type: packet
      bitrate_report_interval: {0: 1s, 1: 1s, 2: 1s}
      packet_tracker:
        0: {samples_required: 1, cycles_required: 4, cycle_duration: 500ms}
        1: {samples_required: 5, cycles_required: 20, cycle_duration: 500ms}
        2: {samples_required: 5, cycles_required: 20, cycle_duration: 500ms}
      frame_tracker: {0: {min_fps: 5}, 1: {min_fps: 5}, 2: {min_fps: 5}}
    screenshare:
      stream_tracker_type: packet
      bitrate_report_interval: {0: 4s, 1: 4s, 2: 4s}
      packet_tracker:
        0: {samples_required: 1, cycles_required: 1, cycle_duration: 2s}
        1: {samples_required: 1, cycles_required: 1, cycle_duration: 2s}
        2: {samples_required: 1, cycles_required: 1, cycle_duration: 2s}
      frame_tracker: {0: {min_fps: 0.5}, 1: {min_fps: 0.5}, 2: {min_fps: 0.5}}
rtc:
  tcp_port: 7881
  port_range_start: 0
  port_range_end: 0
  use_external_ip: false
  stun_servers: []
  use_ice_lite: false
  interfaces: {includes: [], excludes: []}
  ips: {includes: [], excludes: []}
  enable_loopback_candidate: false
  use_mdns: false
  external_ip_only: false
  advertise_internal_ip: false
  skip_external_ip_validation: false
  require_ipv4: false
  additional_host_ips: []
  use_stun_port_as_ice: false
  batch_io: {batch_size: 0, max_flush_interval: 0}
  sctp_min_cwnd: 0
  sctp_fast_rtx_wnd: 0
  sctp_cwnd_ca_step: 0
  host_acceptance_min_wait: 0
  srflx_acceptance_min_wait: 0
  prflx_acceptance_min_wait: 0
  relay_acceptance_min_wait: 0
  force_tcp: false
  turn_servers: []
  packet_buffer_size: 500
  packet_buffer_size_video: 500
  packet_buffer_size_audio: 200
  pli_throttle: {low_quality: 500ms, mid_quality: 1s, high_quality: 1s}
  allow_tcp_fallback: true
  tcp_fallback_rtt_threshold: 0
  allow_udp_unstable_fallback: false
  reconnect_on_publication_error: false
  reconnect_on_subscription_error: false
  reconnect_on_data_channel_error: false
  datachannel_slow_threshold: 0
  datachannel_lossy_target_latency: 0
  datachannel_data_track_target_latency: 100ms
  data_channel_max_buffered_amount: 0
  strict_acks: false
  forward_stats: {summary_interval: 0, report_interval: 0, report_window: 0}
  enable_rtp_stream_restart_detection: false
  enable_warp: false
  congestion_control:
    enabled: true
    allow_pause: false
    use_send_side_bwe_interceptor: false
    use_send_side_bwe: false
    send_side_bwe_pacer: no-queue
    stream_allocator:
      min_channel_capacity: 0
      disable_etimation_unmanaged_tracks: false
      probe_mode: padding
      probe_overage_pct: 120
      probe_min_bps: 200000
      paused_min_wait: 5s
    remote_bwe:
      nack_ratio_attenuator: 0.4
      expected_usage_threshold: 0.95
      channel_observer_probe:
        estimate: {required_samples: 3, required_samples_min: 3, downward_trend_threshold: 0.0, downward_trend_max_wait: 5s, collapse_threshold: 0, validity_window: 10s}
        nack: {window_min_duration: 500ms, window_max_duration: 1s, ratio_threshold: 0.04}
      channel_observer_non_probe:
        estimate: {required_samples: 12, required_samples_min: 8, downward_trend_threshold: -0.6, downward_trend_max_wait: 5s, collapse_threshold: 500ms, validity_window: 10s}
        nack: {window_min_duration: 2s, window_max_duration: 3s, ratio_threshold: 0.08}
      probe_controller:
        settle_wait_num_rtt: 5
        settle_wait_min: 250ms
        settle_wait_max: 5s
        probe_regulator: {base_interval: 3s, backoff_factor: 1.5, max_interval: 2m, min_duration: 200ms, max_duration: 20s, duration_increase_factor: 1.5}
    send_side_bwe:
      congestion_detector:
        packet_group: {min_packets: 30, max_window_duration: 500ms}
        packet_group_max_age: 10s
        probe_packet_group:
          packet_group: {min_packets: 16384, max_window_duration: 1m}
          settle_wait_num_rtt: 5
          settle_wait_min: 250ms
          settle_wait_max: 5s
        probe_regulator: {base_interval: 3s, backoff_factor: 1.5, max_interval: 2m, min_duration: 200ms, max_duration: 20s, duration_increase_factor: 1.5}
        probe_signal:
          min_bytes_ratio: .5
          min_duration_ratio: .5
          jqr_min_delay: 50ms
          dqr_max_delay: 20ms
          jqr_min_weighted_loss: .25
          dqr_max_weighted_loss: .1
          weighted_loss: {min_duration_for_loss_validity: 100ms, base_duration: 500ms, base_pps: 30, loss_penalty_factor: .25}
        weighted_loss: {min_duration_for_loss_validity: 100ms, base_duration: 500ms, base_pps: 30, loss_penalty_factor: .25}
        jqr_min_delay: 50ms
        jqr_min_trend_coefficient: 0.8
        dqr_max_delay: 20ms
        jqr_min_weighted_loss: .25
        dqr_max_weighted_loss: .1
        queuing_delay_early_warning_jqr: {min_number_of_groups: 2, min_duration: 200ms}
        queuing_delay_early_warning_dqr: {min_number_of_groups: 3, min_duration: 300ms}
        loss_early_warning_jqr: {min_number_of_groups: 3, min_duration: 300ms}
        loss_early_warning_dqr: {min_number_of_groups: 4, min_duration: 400ms}
        queuing_delay_congested_jqr: {min_number_of_groups: 4, min_duration: 400ms}
        queuing_delay_congested_dqr: {min_number_of_groups: 5, min_duration: 500ms}
        loss_congested_jqr: {min_number_of_groups: 6, min_duration: 600ms}
        loss_congested_dqr: {min_number_of_groups: 6, min_duration: 600ms}
        congested_ctr_trend: {required_samples: 4, required_samples_min: 2, downward_trend_threshold: -0.5, downward_trend_max_wait: 2s, collapse_threshold: 500ms, validity_window: 10s}
        congested_ctr_epsilon: .05
        congested_packet_group: {min_packets: 20, max_window_duration: 150ms}
        estimaton_window_duration: 1s
turn:
  enabled: false
  domain: ""
  cert_file: ""
  key_file: ""
  tls_port: 0
  udp_port: 0
  relay_range_start: 30000
  relay_range_end: 40000
  external_tls: false
  bind_addresses: [0.0.0.0]
  per_user_relay_allocation_limit: 12
  ttl_seconds: 300
  allow_restricted_peer_cidrs: []
  deny_peer_cidrs: []
)";

TEST_F(LaunchContractTest, EveryKeyAtItsDefaultIsAcceptedWithoutAWord) {
  files_["f"] = kDefaults;
  const Config config = Run({"--config", "f"});
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_EQ(config.rtc.MediaPorts(), (PortRange{50000, 60000}));
}

TEST_F(LaunchContractTest, KeysThatOnlyOlderFilesHaveAreAccepted) {
  const Config config = Run({"--config-body",
                             "log_level: warn\nprometheus_port: 6789\nroom: {max_metadata_size: 7, "
                             "max_room_name_length: 8, max_participant_identity_length: 9}\n"});
  EXPECT_EQ(config.logging.level, "warn");
  EXPECT_EQ(config.prometheus.port, 6789);
  EXPECT_EQ(config.limit.max_metadata_size, 7u);
  EXPECT_EQ(config.limit.max_room_name_length, 8u);
  EXPECT_EQ(config.limit.max_participant_identity_length, 9u);
}

TEST_F(LaunchContractTest, AnExternalAddressThatNobodyCanBeAskedForIsOneWarning) {
  Run({"--rtc.use_external_ip"});
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("rtc.node_ip")));
  Run({"--rtc.use_external_ip", "--node-ip", "192.0.2.1"});
  EXPECT_THAT(warnings_, IsEmpty());
  Run({"--config-body", "rtc: {use_external_ip: true, stun_servers: ['192.0.2.2:3478']}"});
  EXPECT_THAT(warnings_, IsEmpty());
}

// Each option that has no effect is said to have none when it is set to something else than its
// default, and takes no value of another type.
TEST_F(LaunchContractTest, WhatHasNoEffectIsSaid) {
  Config config;
  const OptionTable table = MakeOptionTable(config);
  int checked = 0;
  for (const Option& option : table.options()) {
    const bool always_so = option.inert.size() > 1;
    if (option.support == Support::kHonoured || !option.scalar || always_so ||
        option.path.starts_with("redis.")) {
      continue;
    }
    const bool on_by_default = option.inert.size() == 1 && option.inert[0] == "true";
    std::vector<std::string> arguments = {
        "--" + option.path + "=" +
        (option.boolean ? (on_by_default ? "false" : "true") : std::string("7777777"))};
    if (!option.boolean && !Error(arguments).empty()) {
      arguments = {"--" + option.path + "=7777s"};  // A duration.
    }
    if (option.path.starts_with("turn.")) {
      arguments.push_back("--turn.enabled");
    }
    Run(arguments);
    EXPECT_THAT(warnings_, Contains(StartsWith(option.path + ": "))) << option.path;
    ++checked;
  }
  EXPECT_GT(checked, 150);
}

TEST_F(LaunchContractTest, ValuesOfTheWrongTypeAreAnsweredWithTheRightOne) {
  struct Row {
    const char* body;
    const char* error;
  };
  const Row kRows[] = {
      {"psrpc: {timeout: soon}", "a duration such as 500ms, 2s or 1m30s"},
      {"psrpc: {max_attempts: many}", "a number"},
      {"rtc: {enable_warp: maybe}", "true or false"},
      {"rtc: {pli_throttle: 5}", "is not a section"},
      {"turn: {tls_port: [1]}", "a number"},
      {"rtc: {tcp_port: 70000}", "a port from 0 to 65535"},
      {"logging: {level: loud}", "one of debug, info, warn, error"},
      {"rtc: {ips: {includes: [10.0.0.0]}}", "a list of networks such as 10.0.0.0/8"},
      {"rtc: {node_ip: '192.0.2.1,192.0.2.2'}", "or one of each kind"},
      {"rtc: {additional_host_ips: [example.org]}", "a list of IP addresses"},
      {"rtc: {port_range_start: 7882}", "rtc.port_range_end"},
      {"prometheus: {port: 1, username: u}", "set both"},
      {"tls: {cert_file: /c}", "tls.cert_file and tls.key_file go together"},
      {"a: {b: c", "could not parse config"},
  };
  for (const Row& row : kRows) {
    EXPECT_THAT(Error({"--config-body", row.body}), HasSubstr(row.error)) << row.body;
  }
}

TEST_F(LaunchContractTest, AnUnknownKeyComesWithItsLineAndItsNeighbourHoweverDeep) {
  EXPECT_EQ(Error({"--config-body", "psrpc:\n  timeot: 3s\n"}),
            "could not parse config: --config-body: line 2: unknown option \"psrpc.timeot\"; did "
            "you mean \"psrpc.timeout\"?");
  EXPECT_THAT(Error({"--config-body", "turn: {enable: true}"}), HasSubstr("\"turn.enabled\""));
  // In the reference's own sample, but not in the reference.
  EXPECT_THAT(Error({"--config-body", "debug_handler_port: 1"}),
              HasSubstr("did you mean \"debug_handler.port\""));
}

}  // namespace
}  // namespace sfu::config
