#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "proto/livekit/models.pb.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::room {

// Largest sizes in bytes (signaling contract, section 2.5).
struct Limits {
  size_t metadata_bytes = 512 * 1024;
  size_t attributes_bytes = 64 * 1024;
  size_t name_bytes = 256;
};

// What a server's configuration says about all of its rooms.
struct RoomOptions {
  livekit::ServerInfo server_info;  // `version` must be strict semver, at least 1.8.0.
  std::string region;

  absl::Duration empty_timeout = absl::Seconds(300);
  absl::Duration departure_timeout = absl::Seconds(20);
  uint32_t max_participants = 0;  // 0: no limit.
  bool enable_remote_unmute = false;
  Limits limits;

  // Mime types with their fmtp, e.g. {"video/VP8"}: what this server offers and accepts.
  std::vector<livekit::Codec> enabled_codecs;
  sfu::worker::v1::AudioLevelOptions audio_levels;

  // Signs refresh tokens. Without a key none are sent.
  std::string token_key;
  std::string token_secret;
};

// The reference server's list: PCMU, PCMA, opus, red, VP8, H264, VP9, AV1, H265, rtx.
std::vector<livekit::Codec> DefaultEnabledCodecs();

}  // namespace sfu::room
