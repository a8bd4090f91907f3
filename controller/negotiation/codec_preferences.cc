#include "controller/negotiation/codec_preferences.h"

#include <algorithm>
#include <charconv>

#include "common/base/check.h"
#include "common/sdp/format_parameters.h"

namespace sfu::negotiation {
namespace {

using worker::v1::CODEC_AV1;
using worker::v1::CODEC_H264;
using worker::v1::CODEC_H265;
using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_PCMA;
using worker::v1::CODEC_PCMU;
using worker::v1::CODEC_RED;
using worker::v1::CODEC_VP8;
using worker::v1::CODEC_VP9;
using worker::v1::MEDIA_KIND_AUDIO;
using worker::v1::MEDIA_KIND_VIDEO;

struct CodecNames {
  Codec codec;
  MediaKind kind;
  std::string_view mime;
  std::string_view short_name;
  uint32_t clock_rate;
  uint32_t channels;
};

constexpr CodecNames kNames[] = {
    {CODEC_OPUS, MEDIA_KIND_AUDIO, "audio/opus", "opus", 48000, 2},
    {CODEC_RED, MEDIA_KIND_AUDIO, "audio/red", "red", 48000, 2},
    {CODEC_PCMU, MEDIA_KIND_AUDIO, "audio/PCMU", "pcmu", 8000, 1},
    {CODEC_PCMA, MEDIA_KIND_AUDIO, "audio/PCMA", "pcma", 8000, 1},
    {CODEC_VP8, MEDIA_KIND_VIDEO, "video/VP8", "vp8", 90000, 1},
    {CODEC_VP9, MEDIA_KIND_VIDEO, "video/VP9", "vp9", 90000, 1},
    {CODEC_H264, MEDIA_KIND_VIDEO, "video/H264", "h264", 90000, 1},
    {CODEC_AV1, MEDIA_KIND_VIDEO, "video/AV1", "av1", 90000, 1},
    {CODEC_H265, MEDIA_KIND_VIDEO, "video/H265", "h265", 90000, 1},
};
constexpr size_t kMimePrefixLength = 6;  // "audio/" and "video/" alike.

#define SFU_H264_FMTP(mode, profile) \
  "level-asymmetry-allowed=1;packetization-mode=" mode ";profile-level-id=" profile

constexpr CodecFormat kFormats[] = {
    {CODEC_OPUS, 111, 0, "minptime=10;useinbandfec=1", false, false},
    {CODEC_RED, 63, 0, "111/111", false, false},
    {CODEC_PCMU, 0, 0, "", false, false},
    {CODEC_PCMA, 8, 0, "", false, false},
    {CODEC_VP8, 96, 97, "", false, false},
    {CODEC_H264, 108, 109, SFU_H264_FMTP("1", "42e01f"), false, false},
    {CODEC_H264, 125, 126, SFU_H264_FMTP("0", "42e01f"), false, false},
    {CODEC_H264, 123, 124, SFU_H264_FMTP("1", "640032"), true, false},
    {CODEC_H264, 102, 103, SFU_H264_FMTP("1", "42001f"), false, true},
    {CODEC_H264, 104, 105, SFU_H264_FMTP("0", "42001f"), false, true},
    {CODEC_H264, 106, 107, SFU_H264_FMTP("1", "4d001f"), false, true},
    {CODEC_H264, 39, 40, SFU_H264_FMTP("0", "4d001f"), false, true},
    {CODEC_VP9, 98, 99, "profile-id=0", false, false},
    {CODEC_VP9, 100, 101, "profile-id=1", false, false},
    {CODEC_AV1, 35, 36, "", false, false},
    {CODEC_H265, 116, 117, "", false, false},
};

#undef SFU_H264_FMTP

const CodecNames& NamesOf(Codec codec) {
  const auto* const names =
      std::find_if(std::begin(kNames), std::end(kNames),
                   [&](const CodecNames& candidate) { return candidate.codec == codec; });
  SFU_CHECK(names != std::end(kNames));
  return *names;
}

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

enum class H264Profile {
  kConstrainedBaseline,
  kBaseline,
  kMain,
  kHigh,
  kConstrainedHigh,
  kPredictiveHigh444,
};

// profile_idc and, of profile_iop, the bits that matter (RFC 6184 section 8.1, table 5).
struct H264ProfilePattern {
  uint8_t idc;
  uint8_t mask;
  uint8_t value;
  H264Profile profile;
};
constexpr H264ProfilePattern kH264Profiles[] = {
    {0x42, 0x4f, 0x40, H264Profile::kConstrainedBaseline},
    {0x4d, 0x8f, 0x80, H264Profile::kConstrainedBaseline},
    {0x58, 0xcf, 0xc0, H264Profile::kConstrainedBaseline},
    {0x42, 0x4f, 0x00, H264Profile::kBaseline},
    {0x58, 0xcf, 0x80, H264Profile::kBaseline},
    {0x4d, 0xaf, 0x00, H264Profile::kMain},
    {0x64, 0xff, 0x00, H264Profile::kHigh},
    {0x64, 0xff, 0x0c, H264Profile::kConstrainedHigh},
    {0xf4, 0xff, 0x00, H264Profile::kPredictiveHigh444},
};

std::optional<H264Profile> ProfileOf(const sdp::FormatParameters& parameters) {
  // Browsers take an absent profile for Constrained Baseline, not for the RFC's plain Baseline.
  const std::string_view text = parameters.Get("profile-level-id").value_or("42e01f");
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 6 || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  const auto idc = static_cast<uint8_t>(value >> 16);
  const auto iop = static_cast<uint8_t>(value >> 8);
  for (const H264ProfilePattern& pattern : kH264Profiles) {
    if (idc == pattern.idc && (iop & pattern.mask) == pattern.value) {
      return pattern.profile;
    }
  }
  return std::nullopt;
}

bool SameNumber(const sdp::FormatParameters& a, const sdp::FormatParameters& b,
                std::string_view name, int absent) {
  return a.GetInt(name).value_or(absent) == b.GetInt(name).value_or(absent);
}

}  // namespace

absl::Span<const CodecFormat> AllCodecFormats() { return kFormats; }

std::optional<Codec> CodecFromMime(std::string_view mime) {
  for (const CodecNames& names : kNames) {
    if (EqualsIgnoreCase(mime, names.mime) ||
        EqualsIgnoreCase(mime, names.mime.substr(kMimePrefixLength))) {
      return names.codec;
    }
  }
  return std::nullopt;
}

std::string_view MimeOf(Codec codec) { return NamesOf(codec).mime; }
std::string_view ShortNameOf(Codec codec) { return NamesOf(codec).short_name; }
std::string_view SdpNameOf(Codec codec) { return NamesOf(codec).mime.substr(kMimePrefixLength); }
MediaKind KindOf(Codec codec) { return NamesOf(codec).kind; }
uint32_t ClockRateOf(Codec codec) { return NamesOf(codec).clock_rate; }
uint32_t ChannelsOf(Codec codec) { return NamesOf(codec).channels; }

std::optional<Codec> CodecOf(const sdp::PayloadType& payload_type, MediaKind kind) {
  for (const CodecNames& names : kNames) {
    if (names.kind == kind && names.clock_rate == payload_type.clock_rate &&
        names.channels == payload_type.channels &&
        EqualsIgnoreCase(names.mime.substr(kMimePrefixLength), payload_type.name)) {
      return names.codec;
    }
  }
  return std::nullopt;
}

bool FormatsMatch(Codec codec, const sdp::FormatParameters& a, const sdp::FormatParameters& b) {
  switch (codec) {
    case CODEC_H264: {
      const std::optional<H264Profile> profile = ProfileOf(a);
      return profile.has_value() && profile == ProfileOf(b) &&
             SameNumber(a, b, "packetization-mode", 0);
    }
    case CODEC_VP9:
      return SameNumber(a, b, "profile-id", 0);
    case CODEC_AV1:
      return SameNumber(a, b, "profile", 0);
    default:
      return true;
  }
}

CodecPreferences::CodecPreferences() {
  std::copy_if(std::begin(kFormats), std::end(kFormats), std::back_inserter(formats_),
               [](const CodecFormat& format) { return !format.only_if_named; });
}

CodecPreferences::CodecPreferences(absl::Span<const livekit::Codec> enabled) {
  if (enabled.empty()) {
    *this = CodecPreferences();
    return;
  }
  const auto names = [](const livekit::Codec& entry, const CodecFormat& format) {
    if (CodecFromMime(entry.mime()) != format.codec) {
      return false;
    }
    return entry.fmtp_line().empty()
               ? !format.only_if_named
               : FormatsMatch(format.codec, sdp::FormatParameters::Parse(entry.fmtp_line()),
                              sdp::FormatParameters::Parse(format.fmtp));
  };
  for (const CodecFormat& format : kFormats) {
    if (std::any_of(enabled.begin(), enabled.end(),
                    [&](const livekit::Codec& entry) { return names(entry, format); })) {
      formats_.push_back(format);
    }
  }
  rtx_enabled_ = std::any_of(enabled.begin(), enabled.end(), [](const livekit::Codec& entry) {
    return EqualsIgnoreCase(entry.mime(), "video/rtx");
  });
}

CodecPreferences CodecPreferences::Without(absl::Span<const Codec> codecs) const {
  CodecPreferences result = *this;
  std::erase_if(result.formats_, [&](const CodecFormat& format) {
    return std::find(codecs.begin(), codecs.end(), format.codec) != codecs.end();
  });
  return result;
}

bool CodecPreferences::IsEnabled(Codec codec) const {
  return std::any_of(formats_.begin(), formats_.end(),
                     [&](const CodecFormat& format) { return format.codec == codec; });
}

bool CodecPreferences::Accepts(Codec codec, const sdp::PayloadType& payload_type,
                               MediaDirection direction) const {
  return std::any_of(formats_.begin(), formats_.end(), [&](const CodecFormat& format) {
    return format.codec == codec && !(format.publish_only && direction == MediaDirection::kDown) &&
           FormatsMatch(codec, payload_type.parameters, sdp::FormatParameters::Parse(format.fmtp));
  });
}

std::vector<livekit::Codec> CodecPreferences::PublishList() const {
  // The order is a matter of names only, so it is spelt out.
  constexpr Codec kOrder[] = {CODEC_VP8,  CODEC_H264, CODEC_VP9,  CODEC_AV1, CODEC_H265,
                              CODEC_OPUS, CODEC_RED,  CODEC_PCMU, CODEC_PCMA};
  std::vector<livekit::Codec> list;
  for (const Codec codec : kOrder) {
    if (IsEnabled(codec)) {
      list.emplace_back().set_mime(std::string(MimeOf(codec)));
    }
  }
  return list;
}

}  // namespace sfu::negotiation
