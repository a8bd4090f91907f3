#pragma once

#include <cstddef>
#include <cstdint>

namespace sfu::mediaroom {

// livekit.TrackSource, by value. Only metrics tell them apart: routing does not care what a picture
// shows.
enum class TrackSource : uint8_t {
  kUnknown = 0,
  kCamera = 1,
  kMicrophone = 2,
  kScreenShare = 3,
  kScreenShareAudio = 4,
};
inline constexpr size_t kTrackSourceCount = 5;

}  // namespace sfu::mediaroom
