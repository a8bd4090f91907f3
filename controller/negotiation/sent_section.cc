#include "controller/negotiation/sent_section.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sfu::negotiation {
namespace {

using worker::v1::CODEC_H264;
using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_RED;

uint32_t NewSsrc(Random& random, std::set<uint32_t>& used) {
  while (true) {
    const uint32_t ssrc = 1 + random.NextBelow(std::numeric_limits<uint32_t>::max() - 1);
    if (used.insert(ssrc).second) {
      return ssrc;
    }
  }
}

// RED is unwrapped for those who cannot take it, so it implies Opus.
std::vector<SourceCodec> WithImpliedCodecs(std::vector<SourceCodec> codecs) {
  const auto has = [&](Codec codec) {
    return std::any_of(codecs.begin(), codecs.end(),
                       [&](const SourceCodec& source) { return source.codec == codec; });
  };
  // Packet by packet a sender of RED takes plain Opus where redundancy would not fit, and back.
  if (has(CODEC_RED) && !has(CODEC_OPUS)) {
    codecs.push_back({CODEC_OPUS, ""});
  } else if (has(CODEC_OPUS) && !has(CODEC_RED)) {
    codecs.push_back({CODEC_RED, ""});
  }
  return codecs;
}

// H264 decoders take profiles beyond the one they announce, but a packetization mode is the
// depacketizer's limit (RFC 6184 section 6.2).
bool IsAcceptable(const SourceCodec& source, const MatchedFormat& format) {
  const auto parameters = sdp::FormatParameters::Parse(source.fmtp);
  if (source.codec != CODEC_H264) {
    return FormatsMatch(source.codec, parameters, format.media.parameters);
  }
  return source.fmtp.empty() ||
         parameters.GetInt("packetization-mode").value_or(0) <=
             format.media.parameters.GetInt("packetization-mode").value_or(0);
}

sdp::PayloadType ServerPayloadType(const CodecFormat& format, std::vector<std::string> feedback) {
  sdp::PayloadType payload_type;
  payload_type.number = format.payload_type;
  payload_type.name = SdpNameOf(format.codec);
  payload_type.clock_rate = ClockRateOf(format.codec);
  payload_type.channels = ChannelsOf(format.codec);
  payload_type.parameters = sdp::FormatParameters::Parse(format.fmtp);
  payload_type.feedback = std::move(feedback);
  return payload_type;
}

sdp::PayloadType ServerRtx(const CodecFormat& format) {
  sdp::PayloadType rtx;
  rtx.number = format.rtx_payload_type;
  rtx.name = "rtx";
  rtx.clock_rate = ClockRateOf(format.codec);
  rtx.parameters.Set("apt", std::to_string(format.payload_type));
  return rtx;
}

bool HasRtx(const std::vector<MatchedFormat>& formats) {
  return std::any_of(formats.begin(), formats.end(),
                     [](const MatchedFormat& format) { return format.rtx.has_value(); });
}

}  // namespace

SenderSsrcs NewSenderSsrcs(Random& random, std::set<uint32_t>& used) {
  return {NewSsrc(random, used), NewSsrc(random, used)};
}

std::string StreamIdOf(const SentTrack& sent) {
  return sent.participant_sid + "|" +
         (sent.sync_stream.empty() ? sent.track_sid : sent.sync_stream);
}

std::vector<MatchedFormat> ServerFormats(const SentTrack& sent, bool with_video,
                                         const NegotiationOptions& options) {
  const CodecPreferences& codecs = options.subscribe_codecs;
  const std::vector<std::string> feedback =
      WantedFeedback(sent.kind, MediaDirection::kDown, with_video, options);
  std::vector<MatchedFormat> formats;
  for (const CodecFormat& format : codecs.formats()) {
    if (format.publish_only || KindOf(format.codec) != sent.kind) {
      continue;
    }
    MatchedFormat& added = formats.emplace_back();
    added.codec = format.codec;
    added.media = ServerPayloadType(format, feedback);
    if (codecs.rtx_enabled() && format.rtx_payload_type != 0) {
      added.rtx = ServerRtx(format);
    }
  }
  return FormatsForSource(sent, formats);
}

std::vector<MatchedFormat> FormatsForSource(const SentTrack& sent,
                                            const std::vector<MatchedFormat>& formats) {
  std::vector<MatchedFormat> result;
  const auto has = [&](uint8_t number) {
    return std::any_of(result.begin(), result.end(),
                       [&](const MatchedFormat& format) { return format.media.number == number; });
  };
  for (const SourceCodec& source : WithImpliedCodecs(sent.codecs)) {
    const auto parameters = sdp::FormatParameters::Parse(source.fmtp);
    for (const bool exact : {true, false}) {
      for (const MatchedFormat& format : formats) {
        if (format.codec == source.codec && IsAcceptable(source, format) &&
            !has(format.media.number) &&
            FormatsMatch(source.codec, parameters, format.media.parameters) == exact) {
          result.push_back(format);
        }
      }
    }
  }
  return result;
}

void WriteSender(const SentTrack& sent, const std::vector<MatchedFormat>& formats,
                 const SenderSsrcs& ssrcs, sdp::MediaSection& section) {
  for (const MatchedFormat& format : formats) {
    section.payload_types.push_back(format.media);
    if (format.codec == CODEC_OPUS && sent.stereo) {
      section.payload_types.back().parameters.Set("sprop-stereo", "1");
    }
    if (format.rtx) {
      section.payload_types.push_back(*format.rtx);
    }
  }
  const sdp::Msid msid{StreamIdOf(sent), sent.track_sid};
  section.msids = {msid};
  section.ssrcs = {{ssrcs.media, msid.stream, msid}};
  if (HasRtx(formats)) {
    section.ssrcs.push_back({ssrcs.rtx, msid.stream, msid});
    section.ssrc_groups = {{"FID", {ssrcs.media, ssrcs.rtx}}};
  }
}

worker::v1::Sender ToWorkerSender(const SentTrack& sent, const std::string& mid,
                                  const std::vector<MatchedFormat>& formats,
                                  const std::vector<sdp::HeaderExtension>& extensions,
                                  const SenderSsrcs& ssrcs) {
  worker::v1::Sender sender;
  sender.set_sender(sent.sender);
  sender.set_track(sent.track);
  sender.set_mid(mid);
  sender.set_kind(sent.kind);
  sender.set_ssrc(ssrcs.media);
  sender.set_rtx_ssrc(HasRtx(formats) ? ssrcs.rtx : 0);
  sender.set_cname(StreamIdOf(sent));
  for (const MatchedFormat& format : formats) {
    *sender.add_formats() = ToPayloadFormat(format);
  }
  AppendExtensionIds(extensions, *sender.mutable_extensions());
  return sender;
}

}  // namespace sfu::negotiation
