#include "worker/rtp/extension_map.h"

#include "common/base/check.h"

namespace sfu::rtp {
namespace {

constexpr std::array<std::string_view, kExtensionTypeCount> kUris = {
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
    "urn:ietf:params:rtp-hdrext:framemarking",
};
static_assert(!kUris.back().empty());

}  // namespace

std::string_view ExtensionUri(ExtensionType type) { return kUris[static_cast<size_t>(type)]; }

std::optional<ExtensionType> ExtensionTypeFromUri(std::string_view uri) {
  for (size_t i = 0; i < kUris.size(); ++i) {
    if (kUris[i] == uri) {
      return static_cast<ExtensionType>(i);
    }
  }
  return std::nullopt;
}

void ExtensionMap::Set(ExtensionType type, uint8_t id) {
  const auto index = static_cast<size_t>(type);
  SFU_CHECK(index < kExtensionTypeCount);
  types_[ids_[index]] = 0;
  ids_[index] = id;
  if (id == 0) {
    return;
  }
  if (const uint8_t displaced = types_[id]; displaced != 0) {
    ids_[displaced - 1u] = 0;
  }
  types_[id] = static_cast<uint8_t>(index + 1);
}

}  // namespace sfu::rtp
