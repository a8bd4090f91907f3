#include "controller/negotiation/codec_preferences.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::negotiation {
namespace {

using sdp::FormatParameters;
using testing::ElementsAre;
using testing::Optional;
using worker::v1::CODEC_AV1;
using worker::v1::CODEC_H264;
using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_VP8;
using worker::v1::CODEC_VP9;

livekit::Codec Entry(const char* mime, const char* fmtp = "") {
  livekit::Codec codec;
  codec.set_mime(mime);
  codec.set_fmtp_line(fmtp);
  return codec;
}

std::vector<std::string> Mimes(const std::vector<livekit::Codec>& list) {
  std::vector<std::string> mimes;
  for (const livekit::Codec& codec : list) {
    mimes.push_back(codec.mime());
  }
  return mimes;
}

bool H264Match(const char* a, const char* b) {
  return FormatsMatch(CODEC_H264, FormatParameters::Parse(a), FormatParameters::Parse(b));
}

TEST(CodecPreferencesTest, ReadsMimeNames) {
  EXPECT_THAT(CodecFromMime("video/VP8"), Optional(CODEC_VP8));
  EXPECT_THAT(CodecFromMime("VIDEO/h264"), Optional(CODEC_H264));
  EXPECT_THAT(CodecFromMime("opus"), Optional(CODEC_OPUS));
  EXPECT_EQ(CodecFromMime("video/rtx"), std::nullopt);
  EXPECT_EQ(CodecFromMime("audio/VP8"), std::nullopt);
  EXPECT_EQ(CodecFromMime(""), std::nullopt);
}

TEST(CodecPreferencesTest, Trap36_ShortNamesAreLowerCase) {
  EXPECT_EQ(ShortNameOf(CODEC_VP8), "vp8");
  EXPECT_EQ(ShortNameOf(CODEC_AV1), "av1");
  EXPECT_EQ(MimeOf(CODEC_H264), "video/H264");
}

TEST(CodecPreferencesTest, PublishListBeginsWithWhatEverybodyEncodes) {
  EXPECT_THAT(Mimes(CodecPreferences().PublishList()),
              ElementsAre("video/VP8", "video/H264", "video/VP9", "video/AV1", "video/H265",
                          "audio/opus", "audio/red", "audio/PCMU", "audio/PCMA"));
}

TEST(CodecPreferencesTest, ConfiguredListReplacesTheDefault) {
  const std::vector<livekit::Codec> enabled = {Entry("audio/opus"), Entry("video/vp9"),
                                               Entry("video/unheard-of")};
  const CodecPreferences preferences(enabled);

  EXPECT_THAT(Mimes(preferences.PublishList()), ElementsAre("video/VP9", "audio/opus"));
  EXPECT_FALSE(preferences.rtx_enabled());
  EXPECT_TRUE(CodecPreferences(absl::Span<const livekit::Codec>()).IsEnabled(CODEC_VP8));
}

TEST(CodecPreferencesTest, ClientLimitsRemoveCodecs) {
  const CodecPreferences preferences = CodecPreferences().Without({CODEC_AV1, CODEC_H264});

  EXPECT_FALSE(preferences.IsEnabled(CODEC_AV1));
  EXPECT_FALSE(preferences.IsEnabled(CODEC_H264));
  EXPECT_TRUE(preferences.IsEnabled(CODEC_VP9));
  EXPECT_TRUE(preferences.rtx_enabled());
}

TEST(CodecPreferencesTest, RareProfilesMustBeNamed) {
  sdp::PayloadType baseline;
  baseline.parameters = FormatParameters::Parse("packetization-mode=1;profile-level-id=42001f");
  EXPECT_FALSE(CodecPreferences().Accepts(CODEC_H264, baseline, MediaDirection::kUp));

  const std::vector<livekit::Codec> named = {
      Entry("video/H264", "packetization-mode=1;profile-level-id=42001f")};
  EXPECT_TRUE(CodecPreferences(named).Accepts(CODEC_H264, baseline, MediaDirection::kUp));
}

TEST(CodecPreferencesTest, HighProfileIsForPublishingOnly) {
  sdp::PayloadType high;
  high.parameters = FormatParameters::Parse("packetization-mode=1;profile-level-id=64001f");

  EXPECT_TRUE(CodecPreferences().Accepts(CODEC_H264, high, MediaDirection::kUp));
  EXPECT_FALSE(CodecPreferences().Accepts(CODEC_H264, high, MediaDirection::kDown));
}

TEST(FormatsMatchTest, H264ComparesProfileAndModeButNotLevel) {
  EXPECT_TRUE(H264Match("packetization-mode=1;profile-level-id=42e01f",
                        "profile-level-id=42E034;packetization-mode=1;level-asymmetry-allowed=1"));
  EXPECT_FALSE(H264Match("packetization-mode=1;profile-level-id=42e01f",
                         "profile-level-id=42e01f"));  // An absent mode is 0.
  EXPECT_FALSE(H264Match("profile-level-id=42e01f", "profile-level-id=42001f"));
  EXPECT_FALSE(H264Match("profile-level-id=64001f", "profile-level-id=640c1f"));
  EXPECT_TRUE(H264Match("profile-level-id=4d801f", "profile-level-id=42c01f"));  // Both CBP.
  EXPECT_TRUE(H264Match("", "profile-level-id=42e01f"));
  EXPECT_FALSE(H264Match("profile-level-id=zz", "profile-level-id=zz"));
}

TEST(FormatsMatchTest, Vp9ComparesProfiles) {
  const auto zero = FormatParameters::Parse("profile-id=0");
  EXPECT_TRUE(FormatsMatch(CODEC_VP9, zero, FormatParameters()));
  EXPECT_FALSE(FormatsMatch(CODEC_VP9, zero, FormatParameters::Parse("profile-id=2")));
}

TEST(CodecTableTest, PayloadTypesAreUniqueAndOutsideTheRtcpRange) {
  std::set<int> numbers;
  for (const CodecFormat& format : AllCodecFormats()) {
    for (const int number : {int{format.payload_type}, int{format.rtx_payload_type}}) {
      if (number == 0) {
        continue;  // PCMU, or no RTX.
      }
      EXPECT_TRUE(numbers.insert(number).second) << number;
      EXPECT_FALSE(number >= 64 && number <= 95) << number;  // RFC 5761 section 4.
    }
  }
}

}  // namespace
}  // namespace sfu::negotiation
