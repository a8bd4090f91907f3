#include "controller/negotiation/format_matching.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace sfu::negotiation {
namespace {

using worker::v1::HeaderExtension;

struct KnownExtension {
  HeaderExtension extension;
  uint16_t id;  // In our own offers, for ever (media rule EXT-1).
  std::string_view uri;
};

constexpr KnownExtension kExtensions[] = {
    {worker::v1::HEADER_EXTENSION_MID, 1, "urn:ietf:params:rtp-hdrext:sdes:mid"},
    {worker::v1::HEADER_EXTENSION_ABSOLUTE_CAPTURE_TIME, 2,
     "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"},
    {worker::v1::HEADER_EXTENSION_TRANSPORT_SEQUENCE_NUMBER, 3,
     "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"},
    {worker::v1::HEADER_EXTENSION_ABSOLUTE_SEND_TIME, 4,
     "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"},
    {worker::v1::HEADER_EXTENSION_DEPENDENCY_DESCRIPTOR, 5,
     "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"},
    {worker::v1::HEADER_EXTENSION_VIDEO_ORIENTATION, 6, "urn:3gpp:video-orientation"},
    {worker::v1::HEADER_EXTENSION_VIDEO_CONTENT_TYPE, 7,
     "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"},
    {worker::v1::HEADER_EXTENSION_COLOR_SPACE, 8,
     "http://www.webrtc.org/experiments/rtp-hdrext/color-space"},
    {worker::v1::HEADER_EXTENSION_PLAYOUT_DELAY, 9,
     "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"},
    {worker::v1::HEADER_EXTENSION_AUDIO_LEVEL, 10, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"},
    {worker::v1::HEADER_EXTENSION_RTP_STREAM_ID, 11,
     "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"},
    {worker::v1::HEADER_EXTENSION_REPAIRED_RTP_STREAM_ID, 12,
     "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"},
};

// RED carries Opus here, and its fmtp says under which number (RFC 2198 section 5).
bool RedIsUsable(const sdp::PayloadType& red, const sdp::MediaSection& section) {
  const std::string text = red.parameters.ToText();
  uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) {
    return false;
  }
  return std::any_of(section.payload_types.begin(), section.payload_types.end(),
                     [&](const sdp::PayloadType& candidate) {
                       return candidate.number == number &&
                              CodecOf(candidate, worker::v1::MEDIA_KIND_AUDIO) ==
                                  worker::v1::CODEC_OPUS;
                     });
}

std::optional<sdp::PayloadType> FindRtx(const sdp::MediaSection& section, uint8_t media_number) {
  for (const sdp::PayloadType& candidate : section.payload_types) {
    if ((candidate.name == "rtx" || candidate.name == "RTX") &&
        candidate.parameters.GetInt("apt") == media_number) {
      return candidate;
    }
  }
  return std::nullopt;
}

std::vector<HeaderExtension> UpExtensions(MediaKind kind, ConnectionModel model) {
  if (kind == worker::v1::MEDIA_KIND_AUDIO) {
    return {worker::v1::HEADER_EXTENSION_MID, worker::v1::HEADER_EXTENSION_RTP_STREAM_ID,
            worker::v1::HEADER_EXTENSION_AUDIO_LEVEL,
            worker::v1::HEADER_EXTENSION_ABSOLUTE_CAPTURE_TIME};
  }
  std::vector<HeaderExtension> wanted = {
      worker::v1::HEADER_EXTENSION_MID,
      worker::v1::HEADER_EXTENSION_RTP_STREAM_ID,
      worker::v1::HEADER_EXTENSION_REPAIRED_RTP_STREAM_ID,
      worker::v1::HEADER_EXTENSION_TRANSPORT_SEQUENCE_NUMBER,
      worker::v1::HEADER_EXTENSION_ABSOLUTE_CAPTURE_TIME,
      worker::v1::HEADER_EXTENSION_DEPENDENCY_DESCRIPTOR,
      worker::v1::HEADER_EXTENSION_VIDEO_ORIENTATION,
      worker::v1::HEADER_EXTENSION_VIDEO_CONTENT_TYPE,
      worker::v1::HEADER_EXTENSION_COLOR_SPACE,
  };
  if (model == ConnectionModel::kUnified) {
    wanted.push_back(worker::v1::HEADER_EXTENSION_ABSOLUTE_SEND_TIME);
  }
  return wanted;
}

std::vector<HeaderExtension> DownExtensions(MediaKind kind, bool with_video,
                                            const NegotiationOptions& options) {
  std::vector<HeaderExtension> wanted = {worker::v1::HEADER_EXTENSION_MID,
                                         worker::v1::HEADER_EXTENSION_ABSOLUTE_CAPTURE_TIME};
  const bool video = kind == worker::v1::MEDIA_KIND_VIDEO;
  if (options.send_side_estimation && (video || with_video)) {
    wanted.push_back(worker::v1::HEADER_EXTENSION_TRANSPORT_SEQUENCE_NUMBER);
  }
  if (!video) {
    return wanted;
  }
  if (!options.send_side_estimation) {
    wanted.push_back(worker::v1::HEADER_EXTENSION_ABSOLUTE_SEND_TIME);
  }
  wanted.insert(wanted.end(), {worker::v1::HEADER_EXTENSION_DEPENDENCY_DESCRIPTOR,
                               worker::v1::HEADER_EXTENSION_VIDEO_ORIENTATION,
                               worker::v1::HEADER_EXTENSION_VIDEO_CONTENT_TYPE,
                               worker::v1::HEADER_EXTENSION_COLOR_SPACE});
  if (options.playout_delay) {
    wanted.push_back(worker::v1::HEADER_EXTENSION_PLAYOUT_DELAY);
  }
  return wanted;
}

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

std::vector<MatchedFormat> MatchFormats(const sdp::MediaSection& section,
                                        const CodecPreferences& codecs, MediaDirection direction) {
  const MediaKind kind = section.kind == sdp::MediaKind::kAudio ? worker::v1::MEDIA_KIND_AUDIO
                                                                : worker::v1::MEDIA_KIND_VIDEO;
  std::vector<MatchedFormat> formats;
  for (const sdp::PayloadType& payload_type : section.payload_types) {
    const std::optional<Codec> codec = CodecOf(payload_type, kind);
    if (!codec || !codecs.Accepts(*codec, payload_type, direction) ||
        (*codec == worker::v1::CODEC_RED && !RedIsUsable(payload_type, section))) {
      continue;
    }
    MatchedFormat format{*codec, payload_type, std::nullopt};
    if (codecs.rtx_enabled()) {
      format.rtx = FindRtx(section, payload_type.number);
    }
    formats.push_back(std::move(format));
  }
  return formats;
}

std::vector<std::string> WantedFeedback(MediaKind kind, MediaDirection direction, bool with_video,
                                        const NegotiationOptions& options) {
  std::vector<std::string> wanted;
  if (kind == worker::v1::MEDIA_KIND_AUDIO) {
    // Kept beside RED as well (media rule RX-33).
    wanted.emplace_back("nack");
    if (direction == MediaDirection::kDown && with_video && options.send_side_estimation) {
      wanted.emplace_back("transport-cc");
    }
    return wanted;
  }
  if (direction == MediaDirection::kUp || options.send_side_estimation) {
    wanted.emplace_back("transport-cc");
  }
  if (direction == MediaDirection::kDown && !options.send_side_estimation) {
    wanted.emplace_back("goog-remb");
  }
  wanted.insert(wanted.end(), {"ccm fir", "nack", "nack pli"});
  return wanted;
}

std::vector<std::string> CommonFeedback(absl::Span<const std::string> offered,
                                        absl::Span<const std::string> wanted) {
  std::vector<std::string> common;
  for (const std::string& item : offered) {
    if (std::find(wanted.begin(), wanted.end(), item) != wanted.end() && !Contains(common, item)) {
      common.push_back(item);
    }
  }
  return common;
}

std::vector<sdp::HeaderExtension> WantedExtensions(MediaKind kind, MediaDirection direction,
                                                   ConnectionModel model, bool with_video,
                                                   const NegotiationOptions& options) {
  const std::vector<HeaderExtension> wanted = direction == MediaDirection::kUp
                                                  ? UpExtensions(kind, model)
                                                  : DownExtensions(kind, with_video, options);
  std::vector<sdp::HeaderExtension> extensions;
  for (const KnownExtension& known : kExtensions) {
    if (std::find(wanted.begin(), wanted.end(), known.extension) != wanted.end()) {
      extensions.push_back({known.id, std::string(known.uri), std::nullopt});
    }
  }
  return extensions;
}

std::vector<sdp::HeaderExtension> EitherWayExtensions(MediaKind kind,
                                                      const NegotiationOptions& options) {
  std::vector<sdp::HeaderExtension> all = WantedExtensions(
      kind, MediaDirection::kUp, ConnectionModel::kUnified, /*with_video=*/true, options);
  for (const sdp::HeaderExtension& extension :
       WantedExtensions(kind, MediaDirection::kDown, ConnectionModel::kUnified,
                        /*with_video=*/true, options)) {
    if (std::find(all.begin(), all.end(), extension) == all.end()) {
      all.push_back(extension);
    }
  }
  return all;
}

std::vector<sdp::HeaderExtension> CommonExtensions(absl::Span<const sdp::HeaderExtension> offered,
                                                   absl::Span<const sdp::HeaderExtension> wanted) {
  std::vector<sdp::HeaderExtension> common;
  const auto has_uri = [](absl::Span<const sdp::HeaderExtension> list, std::string_view uri) {
    return std::any_of(list.begin(), list.end(),
                       [&](const sdp::HeaderExtension& extension) { return extension.uri == uri; });
  };
  for (const sdp::HeaderExtension& extension : offered) {
    if (has_uri(wanted, extension.uri) && !has_uri(common, extension.uri)) {
      common.push_back({extension.id, extension.uri, std::nullopt});
    }
  }
  return common;
}

worker::v1::PayloadFormat ToPayloadFormat(const MatchedFormat& format) {
  const std::vector<std::string>& feedback = format.media.feedback;
  worker::v1::PayloadFormat result;
  result.set_codec(format.codec);
  result.set_payload_type(format.media.number);
  result.set_rtx_payload_type(format.rtx ? format.rtx->number : 0);
  result.set_nack(Contains(feedback, "nack"));
  result.set_pli(Contains(feedback, "nack pli"));
  result.set_fir(Contains(feedback, "ccm fir"));
  result.set_transport_cc(Contains(feedback, "transport-cc"));
  result.set_fmtp(format.media.parameters.ToText());
  return result;
}

void AppendExtensionIds(absl::Span<const sdp::HeaderExtension> extensions,
                        google::protobuf::RepeatedPtrField<worker::v1::ExtensionId>& ids) {
  for (const sdp::HeaderExtension& extension : extensions) {
    for (const KnownExtension& known : kExtensions) {
      if (known.uri == extension.uri) {
        worker::v1::ExtensionId& id = *ids.Add();
        id.set_extension(known.extension);
        id.set_id(extension.id);
      }
    }
  }
}

}  // namespace sfu::negotiation
