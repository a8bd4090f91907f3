#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "worker/room/handles.h"
#include "worker/room/track_source.h"
#include "worker/rtp/extension_map.h"
#include "worker/rtp/rtp_types.h"

// The controller's commands as plain values: what proto/sfu/worker.proto says, checked once on the
// way in (worker/server) so that nothing further in looks at lengths and enumerators again.
namespace sfu::mediaroom {

// Speaker detection [AUD-1, AUD-2].
struct AudioLevelOptions {
  uint8_t active_level_dbov = 35;
  uint8_t min_percentile = 40;
  absl::Duration update_interval = absl::Milliseconds(400);
  uint8_t smooth_intervals = 2;
};

struct ParticipantParameters {
  std::string sid;
  std::string identity;
  bool hidden = false;
  bool agent = false;
  bool can_publish_data = false;
  bool can_subscribe = false;
};

struct TransportOptions {
  ParticipantHandle participant;
  bool opens_data_channels = false;
  bool carries_data_down = false;
};

struct PayloadFormat {
  rtp::Codec codec = rtp::Codec::kOpus;
  rtp::PayloadType payload_type{0};
  std::optional<rtp::PayloadType> rtx_payload_type;
  bool nack = false;
  bool pli = false;
  bool fir = false;
  bool transport_cc = false;
  std::string fmtp;
};

struct Encoding {
  std::string rid;                    // Empty: the section's only encoding.
  std::optional<rtp::Ssrc> ssrc;      // Unset: learnt from the mid and rid extensions.
  std::optional<rtp::Ssrc> rtx_ssrc;  // Likewise.
};

struct ReceiverParameters {
  std::optional<TrackHandle> track;  // Unset: not mapped to a track yet.
  std::string mid;
  rtp::MediaKind kind = rtp::MediaKind::kAudio;
  std::vector<PayloadFormat> formats;
  rtp::ExtensionMap extensions;
  std::vector<Encoding> encodings;  // Low to high, at least one.
  bool counts_as_speaker = false;
  TrackSource source = TrackSource::kUnknown;
};

struct SenderParameters {
  SenderHandle sender{0};
  TrackHandle track{0};
  std::string mid;
  rtp::MediaKind kind = rtp::MediaKind::kAudio;
  rtp::Ssrc ssrc{0};
  std::optional<rtp::Ssrc> rtx_ssrc;
  std::string cname;
  std::vector<PayloadFormat> formats;
  rtp::ExtensionMap extensions;
};

struct SubscriptionParameters {
  bool disabled = false;
  uint8_t max_spatial_layer = 2;
  uint8_t max_temporal_layer = 3;
};

}  // namespace sfu::mediaroom
