#include "worker/rtp/media_packet.h"

namespace sfu::rtp {

PassedExtensions PassedExtensions::From(const HeaderExtensions& extensions) {
  return {
      .audio_level = extensions.SliceOf(ExtensionType::kAudioLevel),
      .absolute_capture_time = extensions.SliceOf(ExtensionType::kAbsoluteCaptureTime),
      .dependency_descriptor = extensions.SliceOf(ExtensionType::kDependencyDescriptor),
      .video_orientation = extensions.SliceOf(ExtensionType::kVideoOrientation),
      .video_content_type = extensions.SliceOf(ExtensionType::kVideoContentType),
      .color_space = extensions.SliceOf(ExtensionType::kColorSpace),
      .playout_delay = extensions.SliceOf(ExtensionType::kPlayoutDelay),
  };
}

}  // namespace sfu::rtp
