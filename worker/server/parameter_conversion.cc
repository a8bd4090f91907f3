#include "worker/server/parameter_conversion.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace sfu::worker {
namespace {

constexpr uint32_t kMaxPayloadType = 127;
constexpr uint32_t kMaxExtensionId = 255;
constexpr uint8_t kMaxSpatialLayer = 2, kMaxTemporalLayer = 3;

constexpr std::array<std::pair<v1::Codec, rtp::Codec>, 9> kCodecs = {{
    {v1::CODEC_OPUS, rtp::Codec::kOpus},
    {v1::CODEC_RED, rtp::Codec::kRed},
    {v1::CODEC_PCMU, rtp::Codec::kPcmu},
    {v1::CODEC_PCMA, rtp::Codec::kPcma},
    {v1::CODEC_VP8, rtp::Codec::kVp8},
    {v1::CODEC_VP9, rtp::Codec::kVp9},
    {v1::CODEC_H264, rtp::Codec::kH264},
    {v1::CODEC_H265, rtp::Codec::kH265},
    {v1::CODEC_AV1, rtp::Codec::kAv1},
}};

constexpr std::array<std::pair<v1::HeaderExtension, rtp::ExtensionType>, 12> kExtensions = {{
    {v1::HEADER_EXTENSION_MID, rtp::ExtensionType::kMid},
    {v1::HEADER_EXTENSION_RTP_STREAM_ID, rtp::ExtensionType::kRtpStreamId},
    {v1::HEADER_EXTENSION_REPAIRED_RTP_STREAM_ID, rtp::ExtensionType::kRepairedRtpStreamId},
    {v1::HEADER_EXTENSION_AUDIO_LEVEL, rtp::ExtensionType::kAudioLevel},
    {v1::HEADER_EXTENSION_TRANSPORT_SEQUENCE_NUMBER, rtp::ExtensionType::kTransportSequenceNumber},
    {v1::HEADER_EXTENSION_ABSOLUTE_SEND_TIME, rtp::ExtensionType::kAbsoluteSendTime},
    {v1::HEADER_EXTENSION_ABSOLUTE_CAPTURE_TIME, rtp::ExtensionType::kAbsoluteCaptureTime},
    {v1::HEADER_EXTENSION_DEPENDENCY_DESCRIPTOR, rtp::ExtensionType::kDependencyDescriptor},
    {v1::HEADER_EXTENSION_PLAYOUT_DELAY, rtp::ExtensionType::kPlayoutDelay},
    {v1::HEADER_EXTENSION_VIDEO_ORIENTATION, rtp::ExtensionType::kVideoOrientation},
    {v1::HEADER_EXTENSION_VIDEO_CONTENT_TYPE, rtp::ExtensionType::kVideoContentType},
    {v1::HEADER_EXTENSION_COLOR_SPACE, rtp::ExtensionType::kColorSpace},
}};

std::optional<rtp::MediaKind> ToKind(v1::MediaKind kind) {
  switch (kind) {
    case v1::MEDIA_KIND_AUDIO:
      return rtp::MediaKind::kAudio;
    case v1::MEDIA_KIND_VIDEO:
      return rtp::MediaKind::kVideo;
    default:
      return std::nullopt;
  }
}

std::optional<mediaroom::PayloadFormat> ToFormat(const v1::PayloadFormat& message) {
  const std::optional<rtp::Codec> codec = FromProto(message.codec());
  if (!codec || message.payload_type() > kMaxPayloadType ||
      message.rtx_payload_type() > kMaxPayloadType) {
    return std::nullopt;
  }
  mediaroom::PayloadFormat format;
  format.codec = *codec;
  format.payload_type = rtp::PayloadType(static_cast<uint8_t>(message.payload_type()));
  if (message.rtx_payload_type() != 0) {
    format.rtx_payload_type = rtp::PayloadType(static_cast<uint8_t>(message.rtx_payload_type()));
  }
  format.nack = message.nack();
  format.pli = message.pli();
  format.fir = message.fir();
  format.transport_cc = message.transport_cc();
  format.fmtp = message.fmtp();
  return format;
}

template <typename Message>
std::optional<std::vector<mediaroom::PayloadFormat>> ToFormats(const Message& message) {
  std::vector<mediaroom::PayloadFormat> formats;
  for (const v1::PayloadFormat& item : message.formats()) {
    std::optional<mediaroom::PayloadFormat> format = ToFormat(item);
    if (!format) {
      return std::nullopt;
    }
    formats.push_back(*std::move(format));
  }
  return formats;
}

// Extensions that this worker does not know are left out: it then neither reads nor writes them.
template <typename Message>
std::optional<rtp::ExtensionMap> ToExtensions(const Message& message) {
  rtp::ExtensionMap extensions;
  for (const v1::ExtensionId& item : message.extensions()) {
    if (item.id() == 0 || item.id() > kMaxExtensionId) {
      return std::nullopt;
    }
    const auto known = std::find_if(kExtensions.begin(), kExtensions.end(), [&](const auto& entry) {
      return entry.first == item.extension();
    });
    if (known != kExtensions.end()) {
      extensions.Set(known->second, static_cast<uint8_t>(item.id()));
    }
  }
  return extensions;
}

std::optional<rtp::Ssrc> ToSsrc(uint32_t value) {
  return value == 0 ? std::nullopt : std::optional<rtp::Ssrc>(value);
}

std::optional<mediaroom::ReceiverParameters> ToReceiver(const v1::Receiver& message) {
  const std::optional<rtp::MediaKind> kind = ToKind(message.kind());
  std::optional<std::vector<mediaroom::PayloadFormat>> formats = ToFormats(message);
  const std::optional<rtp::ExtensionMap> extensions = ToExtensions(message);
  if (!kind || !formats || formats->empty() || !extensions || message.encodings().empty() ||
      message.encodings_size() > kMaxSpatialLayer + 1) {
    return std::nullopt;
  }
  mediaroom::ReceiverParameters receiver;
  if (message.track() != 0) {
    receiver.track = mediaroom::TrackHandle(message.track());
  }
  receiver.mid = message.mid();
  receiver.kind = *kind;
  receiver.formats = *std::move(formats);
  receiver.extensions = *extensions;
  for (const v1::Encoding& encoding : message.encodings()) {
    receiver.encodings.push_back(
        {encoding.rid(), ToSsrc(encoding.ssrc()), ToSsrc(encoding.rtx_ssrc())});
  }
  receiver.counts_as_speaker = message.counts_as_speaker();
  // All that commands say of it so far.
  if (receiver.counts_as_speaker) {
    receiver.source = mediaroom::TrackSource::kMicrophone;
  }
  return receiver;
}

std::optional<mediaroom::SenderParameters> ToSender(const v1::Sender& message) {
  const std::optional<rtp::MediaKind> kind = ToKind(message.kind());
  std::optional<std::vector<mediaroom::PayloadFormat>> formats = ToFormats(message);
  const std::optional<rtp::ExtensionMap> extensions = ToExtensions(message);
  if (!kind || !formats || formats->empty() || !extensions || message.ssrc() == 0 ||
      message.sender() == 0 || message.track() == 0) {
    return std::nullopt;
  }
  mediaroom::SenderParameters sender;
  sender.sender = mediaroom::SenderHandle(message.sender());
  sender.track = mediaroom::TrackHandle(message.track());
  sender.mid = message.mid();
  sender.kind = *kind;
  sender.ssrc = rtp::Ssrc(message.ssrc());
  sender.rtx_ssrc = ToSsrc(message.rtx_ssrc());
  sender.cname = message.cname();
  sender.formats = *std::move(formats);
  sender.extensions = *extensions;
  return sender;
}

std::optional<dtls::Fingerprint> ToFingerprint(const v1::Fingerprint& message) {
  // Weak algorithms are no fingerprints to us, so a description with only those matches nothing.
  std::string text = message.algorithm() + " ";
  for (size_t i = 0; i < message.value().size(); ++i) {
    text += fmt::format("{}{:02X}", i == 0 ? "" : ":", static_cast<uint8_t>(message.value()[i]));
  }
  return dtls::Fingerprint::Parse(text);
}

absl::Duration ToDuration(const google::protobuf::Duration& message) {
  return absl::Seconds(message.seconds()) + absl::Nanoseconds(message.nanos());
}

}  // namespace

mediaroom::AudioLevelOptions FromProto(const v1::AudioLevelOptions& message) {
  mediaroom::AudioLevelOptions options;
  if (message.active_level_dbov() != 0) {
    options.active_level_dbov =
        static_cast<uint8_t>(std::min<uint32_t>(message.active_level_dbov(), 127));
  }
  if (message.min_percentile() != 0) {
    options.min_percentile =
        static_cast<uint8_t>(std::min<uint32_t>(message.min_percentile(), 100));
  }
  if (message.has_update_interval()) {
    options.update_interval =
        std::max(ToDuration(message.update_interval()), absl::Milliseconds(20));
  }
  if (message.smooth_intervals() != 0) {
    options.smooth_intervals =
        static_cast<uint8_t>(std::min<uint32_t>(message.smooth_intervals(), 100));
  }
  return options;
}

mediaroom::ParticipantParameters FromProto(const v1::ConfigureParticipant& message) {
  return {.sid = message.sid(),
          .identity = message.identity(),
          .hidden = message.hidden(),
          .agent = message.agent(),
          .can_publish_data = message.can_publish_data(),
          .can_subscribe = message.can_subscribe()};
}

mediaroom::TransportOptions FromProto(const v1::OpenTransport& message) {
  return {.participant = mediaroom::ParticipantHandle(message.participant()),
          .opens_data_channels = message.opens_data_channels(),
          .carries_data_down = message.carries_data_down()};
}

mediaroom::SubscriptionParameters FromProto(const v1::ConfigureSubscription& message) {
  return {.disabled = message.disabled(),
          .max_spatial_layer = static_cast<uint8_t>(
              std::min<uint32_t>(message.max_spatial_layer(), kMaxSpatialLayer)),
          .max_temporal_layer = static_cast<uint8_t>(
              std::min<uint32_t>(message.max_temporal_layer(), kMaxTemporalLayer))};
}

std::optional<std::vector<mediaroom::ReceiverParameters>> FromProto(
    const v1::ConfigureReceivers& message) {
  std::vector<mediaroom::ReceiverParameters> receivers;
  for (const v1::Receiver& item : message.receivers()) {
    std::optional<mediaroom::ReceiverParameters> receiver = ToReceiver(item);
    if (!receiver) {
      return std::nullopt;
    }
    receivers.push_back(*std::move(receiver));
  }
  return receivers;
}

std::optional<std::vector<mediaroom::SenderParameters>> FromProto(
    const v1::ConfigureSenders& message) {
  std::vector<mediaroom::SenderParameters> senders;
  for (const v1::Sender& item : message.senders()) {
    std::optional<mediaroom::SenderParameters> sender = ToSender(item);
    if (!sender) {
      return std::nullopt;
    }
    senders.push_back(*std::move(sender));
  }
  return senders;
}

transport::RemoteParameters FromProto(const v1::ConfigureTransport& message) {
  transport::RemoteParameters remote;
  for (const v1::Fingerprint& item : message.remote_fingerprints()) {
    if (std::optional<dtls::Fingerprint> fingerprint = ToFingerprint(item)) {
      remote.fingerprints.push_back(*std::move(fingerprint));
    }
  }
  remote.is_dtls_server = message.peer_is_dtls_server();
  remote.max_message_bytes = message.remote_max_message_size();
  return remote;
}

std::optional<rtp::Codec> FromProto(v1::Codec codec) {
  for (const auto& [wire, plain] : kCodecs) {
    if (wire == codec) {
      return plain;
    }
  }
  return std::nullopt;
}

v1::Codec ToProto(rtp::Codec codec) {
  for (const auto& [wire, plain] : kCodecs) {
    if (plain == codec) {
      return wire;
    }
  }
  return v1::CODEC_UNSPECIFIED;
}

}  // namespace sfu::worker
