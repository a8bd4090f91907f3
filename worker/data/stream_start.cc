#include "worker/data/stream_start.h"

#include <array>
#include <string_view>

namespace sfu::data {
namespace {

MediaType MediaTypeOf(std::string_view mime_type) {
  constexpr std::array<std::string_view, kMediaTypes - 1> kNames = {"text", "image", "application",
                                                                    "audio", "video"};
  const std::string_view first = mime_type.substr(0, mime_type.find('/'));
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (first == kNames[i]) {
      return static_cast<MediaType>(i);
    }
  }
  return MediaType::kUnknown;
}

}  // namespace

StreamStart Describe(const livekit::DataStream::Header& header) {
  StreamStart start;
  start.media_type = MediaTypeOf(header.mime_type());
  if (header.has_text_header()) {
    start.kind = StreamKind::kText;
  } else if (header.has_byte_header()) {
    start.kind = StreamKind::kBytes;
  }
  if (header.has_total_length()) {
    start.total_bytes = header.total_length();
  }
  return start;
}

}  // namespace sfu::data
