#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/random.h"
#include "controller/negotiation/codec_preferences.h"
#include "proto/livekit/rtc.pb.h"

// How a TrackInfo follows from what the client asks (signaling contract, sections 4.2 and 6).
namespace sfu::room {

// "TR_", a letter for kind and one for source, twelve characters.
std::string NewTrackSid(livekit::TrackType type, livekit::TrackSource source, Random& random);

livekit::TrackInfo MakeTrackInfo(const livekit::AddTrackRequest& request, std::string sid,
                                 const negotiation::CodecPreferences& enabled, absl::Time wall);

// A second codec of a track that is there already (trap 18). Repeats change the entry's cid.
void AddCodec(livekit::TrackInfo& info, const livekit::AddTrackRequest& request,
              const negotiation::CodecPreferences& enabled, absl::Time wall);

// Replaces the list, and the flags that repeat parts of it.
void SetAudioFeatures(livekit::TrackInfo& info,
                      const google::protobuf::RepeatedField<int>& features);

// A new version; never lower than the last.
void Touch(livekit::TrackInfo& info, absl::Time wall);

bool HasFeature(const livekit::TrackInfo& info, livekit::AudioTrackFeature feature);

// The spatial layer, 0 to 2, that serves these settings: the smallest that covers `width` and
// `height`, or without dimensions the one of that quality (section 4.5).
uint32_t SpatialLayerFor(const livekit::TrackInfo& info, livekit::VideoQuality quality,
                         uint32_t width, uint32_t height);

// All three qualities of every codec in use, enabled: what the publisher is told while nobody
// counts demand per layer (trap 36). nullopt while no codec is known.
std::optional<livekit::SubscribedQualityUpdate> EverythingSubscribed(
    const livekit::TrackInfo& info);

}  // namespace sfu::room
