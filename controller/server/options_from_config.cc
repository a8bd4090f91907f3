#include "controller/server/options_from_config.h"

#include <cstdint>
#include <limits>

#include "common/config/version.h"

namespace sfu::server {
namespace {

constexpr int kProtocol = 17;
constexpr int kAgentProtocol = 1;

// In the configuration 0 means no limit.
size_t LimitFrom(uint32_t bytes) { return bytes == 0 ? std::numeric_limits<size_t>::max() : bytes; }

void SetDuration(absl::Duration from, google::protobuf::Duration& to) {
  const timespec time = absl::ToTimespec(from);
  to.set_seconds(time.tv_sec);
  to.set_nanos(static_cast<int32_t>(time.tv_nsec));
}

}  // namespace

room::RoomOptions RoomOptionsFrom(const config::Config& config, const std::string& node_id) {
  room::RoomOptions options;
  options.server_info.set_edition(livekit::ServerInfo::Standard);
  options.server_info.set_version(std::string(config::kCompatibleVersion));
  options.server_info.set_protocol(kProtocol);
  options.server_info.set_agent_protocol(kAgentProtocol);
  options.server_info.set_region(config.region);
  options.server_info.set_node_id(node_id);
  options.region = config.region;

  options.empty_timeout = config.room.empty_timeout;
  options.departure_timeout = config.room.departure_timeout;
  options.max_participants = config.room.max_participants;
  options.enable_remote_unmute = config.room.enable_remote_unmute;
  options.limits = {.metadata_bytes = LimitFrom(config.limit.max_metadata_size),
                    .attributes_bytes = LimitFrom(config.limit.max_attributes_size),
                    .name_bytes = LimitFrom(config.limit.max_participant_name_length)};

  for (const config::Codec& codec : config.room.enabled_codecs) {
    livekit::Codec& enabled = options.enabled_codecs.emplace_back();
    enabled.set_mime(codec.mime);
    enabled.set_fmtp_line(codec.fmtp_line);
  }
  if (options.enabled_codecs.empty()) {
    options.enabled_codecs = room::DefaultEnabledCodecs();
  }

  options.audio_levels.set_active_level_dbov(config.audio.active_level_dbov);
  options.audio_levels.set_min_percentile(config.audio.min_percentile);
  options.audio_levels.set_smooth_intervals(config.audio.smooth_intervals);
  SetDuration(config.audio.update_interval, *options.audio_levels.mutable_update_interval());

  // The first in order, so that it is the same one at every start.
  if (!config.keys.empty()) {
    options.token_key = config.keys.begin()->first;
    options.token_secret = config.keys.begin()->second;
  }
  return options;
}

std::vector<livekit::ICEServer> IceServersFrom(const config::Config& config) {
  // None unless configured: clients must not be sent to strangers' servers behind the operator's
  // back, and need none to reach us.
  std::vector<livekit::ICEServer> servers;
  if (!config.rtc.stun_servers.empty()) {
    livekit::ICEServer& server = servers.emplace_back();
    for (const std::string& address : config.rtc.stun_servers) {
      server.add_urls("stun:" + address);
    }
  }
  return servers;
}

}  // namespace sfu::server
