#include "controller/room/room_options.h"

#include <initializer_list>

namespace sfu::room {

std::vector<livekit::Codec> DefaultEnabledCodecs() {
  std::vector<livekit::Codec> codecs;
  for (const char* mime : {"audio/PCMU", "audio/PCMA", "audio/opus", "audio/red", "video/VP8",
                           "video/H264", "video/VP9", "video/AV1", "video/H265", "video/rtx"}) {
    codecs.emplace_back().set_mime(mime);
  }
  return codecs;
}

}  // namespace sfu::room
