#include "controller/room/track_info.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/strings/match.h>

#include "controller/room/sid.h"

namespace sfu::room {
namespace {

using livekit::VideoLayer;
using negotiation::Codec;
using negotiation::CodecPreferences;

std::string_view StreamOf(livekit::TrackSource source) {
  switch (source) {
    case livekit::CAMERA:
    case livekit::MICROPHONE:
      return "camera";
    case livekit::SCREEN_SHARE:
    case livekit::SCREEN_SHARE_AUDIO:
      return "screen";
    default:
      return "unknown";
  }
}

worker::v1::MediaKind KindOfTrack(livekit::TrackType type) {
  return type == livekit::AUDIO ? worker::v1::MEDIA_KIND_AUDIO : worker::v1::MEDIA_KIND_VIDEO;
}

std::string FirstEnabledMime(livekit::TrackType type, const CodecPreferences& enabled) {
  for (const negotiation::CodecFormat& format : enabled.formats()) {
    if (negotiation::KindOf(format.codec) == KindOfTrack(type)) {
      return std::string(negotiation::MimeOf(format.codec));
    }
  }
  return "";
}

// "" stays "": the client leaves the choice to the negotiation.
std::string MimeFor(const std::string& wanted, livekit::TrackType type,
                    const CodecPreferences& enabled) {
  if (wanted.empty()) {
    return "";
  }
  const std::optional<Codec> codec = negotiation::CodecFromMime(wanted);
  if (!codec || !enabled.IsEnabled(*codec) || negotiation::KindOf(*codec) != KindOfTrack(type)) {
    return FirstEnabledMime(type, enabled);
  }
  return std::string(negotiation::MimeOf(*codec));
}

bool IsSvc(std::string_view mime) { return mime == "video/VP9" || mime == "video/AV1"; }

void CopyLayers(const google::protobuf::RepeatedPtrField<VideoLayer>& from,
                google::protobuf::RepeatedPtrField<VideoLayer>& to) {
  to = from;
  std::sort(to.begin(), to.end(),
            [](const VideoLayer& a, const VideoLayer& b) { return a.quality() < b.quality(); });
}

void FillCodec(const livekit::SimulcastCodec& wanted, std::string mime,
               const livekit::AddTrackRequest& request, livekit::SimulcastCodecInfo& codec) {
  codec.set_mime_type(std::move(mime));
  codec.set_cid(wanted.cid());
  CopyLayers(wanted.layers().empty() ? request.layers() : wanted.layers(), *codec.mutable_layers());
  if (request.type() != livekit::VIDEO) {
    return;
  }
  if (wanted.video_layer_mode() != VideoLayer::MODE_UNUSED) {
    codec.set_video_layer_mode(wanted.video_layer_mode());
  } else {
    codec.set_video_layer_mode(IsSvc(codec.mime_type())
                                   ? VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM
                                   : VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
  }
}

void FillCodecs(const livekit::AddTrackRequest& request, const CodecPreferences& enabled,
                livekit::TrackInfo& info) {
  for (const livekit::SimulcastCodec& wanted : request.simulcast_codecs()) {
    std::string mime = MimeFor(wanted.codec(), request.type(), enabled);
    const bool repeated = std::any_of(
        info.codecs().begin(), info.codecs().end(),
        [&](const livekit::SimulcastCodecInfo& codec) { return codec.mime_type() == mime; });
    if (!repeated) {
      FillCodec(wanted, std::move(mime), request, *info.add_codecs());
    }
  }
  if (info.codecs().empty()) {
    livekit::SimulcastCodec only;
    only.set_cid(request.cid());
    FillCodec(only, "", request, *info.add_codecs());
  }
}

void AddFeature(livekit::TrackInfo& info, livekit::AudioTrackFeature feature) {
  if (!HasFeature(info, feature)) {
    info.add_audio_features(feature);
  }
}

// Sizes of the layers, low to high; of the first codec where it has its own.
const google::protobuf::RepeatedPtrField<VideoLayer>& LayersOf(const livekit::TrackInfo& info) {
  return !info.codecs().empty() && !info.codecs(0).layers().empty() ? info.codecs(0).layers()
                                                                    : info.layers();
}

}  // namespace

std::string NewTrackSid(livekit::TrackType type, livekit::TrackSource source, Random& random) {
  std::string prefix = "TR_";
  prefix += type == livekit::AUDIO ? 'A' : 'V';
  switch (source) {
    case livekit::CAMERA:
      prefix += 'C';
      break;
    case livekit::MICROPHONE:
      prefix += 'M';
      break;
    case livekit::SCREEN_SHARE:
      prefix += 'S';
      break;
    case livekit::SCREEN_SHARE_AUDIO:
      prefix += 's';
      break;
    default:
      break;
  }
  return NewSid(prefix, random);
}

livekit::TrackInfo MakeTrackInfo(const livekit::AddTrackRequest& request, std::string sid,
                                 const CodecPreferences& enabled, absl::Time wall) {
  livekit::TrackInfo info;
  info.set_sid(std::move(sid));
  info.set_type(request.type());
  info.set_name(request.name());
  info.set_muted(request.muted());
  info.set_width(request.width());
  info.set_height(request.height());
  info.set_source(livekit::TrackSource_IsValid(request.source()) ? request.source()
                                                                 : livekit::UNKNOWN);
  info.set_disable_red(request.disable_red());
  info.set_encryption(request.encryption());
  info.set_stream(request.stream().empty() ? std::string(StreamOf(request.source()))
                                           : request.stream());
  CopyLayers(request.layers(), *info.mutable_layers());
  FillCodecs(request, enabled, info);
  info.set_simulcast(request.type() == livekit::VIDEO && !IsSvc(info.codecs(0).mime_type()) &&
                     info.codecs(0).layers_size() > 1);
  *info.mutable_audio_features() = request.audio_features();
  info.set_stereo(request.stereo());
  info.set_disable_dtx(request.disable_dtx());
  if (request.stereo()) {
    AddFeature(info, livekit::TF_STEREO);
  }
  if (request.disable_dtx()) {
    AddFeature(info, livekit::TF_NO_DTX);
  }
  *info.mutable_packet_trailer_features() = request.packet_trailer_features();
  info.set_backup_codec_policy(request.backup_codec_policy());
  if (request.type() == livekit::AUDIO && request.backup_codec_policy() != livekit::REGRESSION) {
    info.set_backup_codec_policy(livekit::SIMULCAST);
  }
  Touch(info, wall);
  return info;
}

void AddCodec(livekit::TrackInfo& info, const livekit::AddTrackRequest& request,
              const CodecPreferences& enabled, absl::Time wall) {
  for (const livekit::SimulcastCodec& wanted : request.simulcast_codecs()) {
    const std::string mime = MimeFor(wanted.codec(), info.type(), enabled);
    livekit::SimulcastCodecInfo* codec = nullptr;
    for (livekit::SimulcastCodecInfo& known : *info.mutable_codecs()) {
      if (absl::EqualsIgnoreCase(known.mime_type(), mime)) {
        codec = &known;
      }
    }
    if (codec == nullptr) {
      codec = info.add_codecs();
    }
    livekit::AddTrackRequest typed = request;
    typed.set_type(info.type());
    FillCodec(wanted, mime, typed, *codec);
  }
  Touch(info, wall);
}

void SetAudioFeatures(livekit::TrackInfo& info,
                      const google::protobuf::RepeatedField<int>& features) {
  *info.mutable_audio_features() = features;
  info.set_stereo(HasFeature(info, livekit::TF_STEREO));
  info.set_disable_dtx(HasFeature(info, livekit::TF_NO_DTX));
}

void Touch(livekit::TrackInfo& info, absl::Time wall) {
  livekit::TimedVersion& version = *info.mutable_version();
  const int64_t micros = absl::ToUnixMicros(wall);
  if (micros > version.unix_micro()) {
    version.set_unix_micro(micros);
    version.set_ticks(0);
  } else {
    version.set_ticks(version.ticks() + 1);
  }
}

bool HasFeature(const livekit::TrackInfo& info, livekit::AudioTrackFeature feature) {
  return std::find(info.audio_features().begin(), info.audio_features().end(), feature) !=
         info.audio_features().end();
}

uint32_t SpatialLayerFor(const livekit::TrackInfo& info, livekit::VideoQuality quality,
                         uint32_t width, uint32_t height) {
  const auto& layers = LayersOf(info);
  const uint32_t count = std::min<uint32_t>(3, static_cast<uint32_t>(layers.size()));
  for (uint32_t layer = 0; layer < count; ++layer) {
    const VideoLayer& candidate = layers[static_cast<int>(layer)];
    const bool serves = width > 0 ? candidate.width() >= width && candidate.height() >= height
                                  : candidate.quality() >= quality;
    if (serves) {
      return layer;
    }
  }
  if (count > 0) {
    return count - 1;
  }
  return width > 0 ? 2 : std::min<uint32_t>(2, static_cast<uint32_t>(quality));
}

std::optional<livekit::SubscribedQualityUpdate> EverythingSubscribed(
    const livekit::TrackInfo& info) {
  const std::optional<Codec> codec = negotiation::CodecFromMime(info.mime_type());
  if (!codec) {
    return std::nullopt;
  }
  livekit::SubscribedQualityUpdate update;
  update.set_track_sid(info.sid());
  livekit::SubscribedCodec& subscribed = *update.add_subscribed_codecs();
  subscribed.set_codec(std::string(negotiation::ShortNameOf(*codec)));
  for (const livekit::VideoQuality quality : {livekit::LOW, livekit::MEDIUM, livekit::HIGH}) {
    livekit::SubscribedQuality& entry = *subscribed.add_qualities();
    entry.set_quality(quality);
    entry.set_enabled(true);
  }
  *update.mutable_subscribed_qualities() = subscribed.qualities();
  return update;
}

}  // namespace sfu::room
