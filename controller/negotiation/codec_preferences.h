#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/types/span.h>

#include "common/sdp/session_description.h"
#include "proto/livekit/models.pb.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::negotiation {

using worker::v1::Codec;
using worker::v1::MediaKind;

enum class MediaDirection { kUp, kDown };  // Client to us, us to client.

// One way to send a codec, with the numbers we use in our own offers (signaling contract,
// section 5.5). Answers keep the offerer's numbers instead.
struct CodecFormat {
  Codec codec;
  uint8_t payload_type;
  uint8_t rtx_payload_type;  // 0: no RTX.
  std::string_view fmtp;
  bool publish_only;   // Left out of what we offer or send: some receivers cannot decode it.
  bool only_if_named;  // Enabled only by a configuration entry with that very fmtp.
};

absl::Span<const CodecFormat> AllCodecFormats();

// "video/VP8", "VP8" and "vp8" all name a codec; unknown names and "video/rtx" do not.
std::optional<Codec> CodecFromMime(std::string_view mime);
std::string_view MimeOf(Codec codec);       // "video/VP8", as TrackInfo and configuration spell it.
std::string_view ShortNameOf(Codec codec);  // "vp8", as quality updates spell it (trap 36).
std::string_view SdpNameOf(Codec codec);    // "VP8", as in a=rtpmap.
MediaKind KindOf(Codec codec);
uint32_t ClockRateOf(Codec codec);  // Hz, as in a=rtpmap.
uint32_t ChannelsOf(Codec codec);   // As in a=rtpmap.

// What `payload_type` names, by encoding name, clock rate and channels; nullopt for everything
// that is not in our table, RTX included.
std::optional<Codec> CodecOf(const sdp::PayloadType& payload_type, MediaKind kind);

// Whether a stream in format `a` may be sent where `b` was negotiated. H264: the same packetization
// mode and the same profile (RFC 6184 section 8.1); the level may differ, since we ask for
// level-asymmetry-allowed everywhere. VP9 and AV1: the same profile. Others: always.
bool FormatsMatch(Codec codec, const sdp::FormatParameters& a, const sdp::FormatParameters& b);

// Which codecs a room or client may use. A value: copied into each negotiation.
class CodecPreferences {
 public:
  CodecPreferences();  // Everything in the table that is not `only_if_named`.

  // From configuration (`enabled_codecs`) or a room's own list. An empty list means the default;
  // an entry without fmtp enables the codec's ordinary formats; unknown entries are skipped. RTX is
  // used if "video/rtx" is listed.
  explicit CodecPreferences(absl::Span<const livekit::Codec> enabled);

  // The same without some codecs: a client's own limits (section 3.5).
  CodecPreferences Without(absl::Span<const Codec> codecs) const;

  bool IsEnabled(Codec codec) const;
  bool rtx_enabled() const { return rtx_enabled_; }

  // Whether `payload_type`, found in a client's offer, may be used.
  bool Accepts(Codec codec, const sdp::PayloadType& payload_type, MediaDirection direction) const;

  // The enabled formats in the table's order.
  const std::vector<CodecFormat>& formats() const { return formats_; }

  // JoinResponse.enabled_publish_codecs: VP8, H264, other video, audio; no RTX. Clients whose wish
  // is missing take the first video entry.
  std::vector<livekit::Codec> PublishList() const;

 private:
  std::vector<CodecFormat> formats_;
  bool rtx_enabled_ = true;
};

}  // namespace sfu::negotiation
