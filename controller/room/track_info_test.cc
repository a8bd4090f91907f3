#include "controller/room/track_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu::room {
namespace {

const absl::Time kWall = absl::FromUnixSeconds(1'700'000'000);
const negotiation::CodecPreferences kEverything;

livekit::TrackInfo Make(const livekit::AddTrackRequest& request) {
  return MakeTrackInfo(request, "TR_x", kEverything, kWall);
}

livekit::VideoLayer Layer(livekit::VideoQuality quality, uint32_t width) {
  livekit::VideoLayer layer;
  layer.set_quality(quality);
  layer.set_width(width);
  layer.set_height(width / 2);
  return layer;
}

TEST(TrackInfoTest, SidsNameKindAndSource) {
  SeededRandom random(1);
  EXPECT_THAT(NewTrackSid(livekit::VIDEO, livekit::CAMERA, random),
              testing::MatchesRegex("TR_VC[2-9A-HJ-NP-Za-km-z]{12}"));
  EXPECT_EQ(NewTrackSid(livekit::AUDIO, livekit::SCREEN_SHARE_AUDIO, random).substr(0, 5), "TR_As");
  EXPECT_EQ(NewTrackSid(livekit::AUDIO, livekit::UNKNOWN, random).size(), 16u);
}

TEST(TrackInfoTest, StreamFollowsTheSource) {
  livekit::AddTrackRequest request;
  request.set_source(livekit::SCREEN_SHARE_AUDIO);
  EXPECT_EQ(Make(request).stream(), "screen");
  request.set_source(livekit::MICROPHONE);
  EXPECT_EQ(Make(request).stream(), "camera");
  request.set_source(livekit::UNKNOWN);
  EXPECT_EQ(Make(request).stream(), "unknown");
  request.set_stream("mine");
  EXPECT_EQ(Make(request).stream(), "mine");
}

TEST(TrackInfoTest, WithoutCodecsThereIsOneWithoutName) {
  livekit::AddTrackRequest request;
  request.set_type(livekit::VIDEO);
  request.set_cid("cid");
  *request.add_layers() = Layer(livekit::HIGH, 1280);
  *request.add_layers() = Layer(livekit::LOW, 320);
  const livekit::TrackInfo info = Make(request);
  ASSERT_EQ(info.codecs_size(), 1);
  EXPECT_EQ(info.codecs(0).cid(), "cid");
  EXPECT_EQ(info.codecs(0).mime_type(), "");
  EXPECT_EQ(info.codecs(0).layers_size(), 2);
  EXPECT_EQ(info.layers(0).quality(), livekit::LOW);
  EXPECT_TRUE(info.simulcast());
}

TEST(TrackInfoTest, CodecsAreCanonicalAndUnique) {
  livekit::AddTrackRequest request;
  request.set_type(livekit::VIDEO);
  *request.add_layers() = Layer(livekit::LOW, 320);
  *request.add_layers() = Layer(livekit::HIGH, 1280);
  for (const char* codec : {"vp9", "video/VP8", "vp8", "nonsense"}) {
    request.add_simulcast_codecs()->set_codec(codec);
  }
  const livekit::TrackInfo info = Make(request);
  ASSERT_EQ(info.codecs_size(), 2);
  EXPECT_EQ(info.codecs(0).mime_type(), "video/VP9");
  EXPECT_EQ(info.codecs(0).video_layer_mode(),
            livekit::VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM);
  EXPECT_EQ(info.codecs(1).mime_type(), "video/VP8");
  EXPECT_EQ(info.codecs(1).video_layer_mode(), livekit::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
  EXPECT_FALSE(info.simulcast());
}

TEST(TrackInfoTest, AudioFlagsBecomeFeatures) {
  livekit::AddTrackRequest request;
  request.set_stereo(true);
  request.set_disable_dtx(true);
  const livekit::TrackInfo info = Make(request);
  EXPECT_TRUE(HasFeature(info, livekit::TF_STEREO));
  EXPECT_TRUE(HasFeature(info, livekit::TF_NO_DTX));
  EXPECT_EQ(info.backup_codec_policy(), livekit::SIMULCAST);
}

TEST(TrackInfoTest, VersionsRiseEvenWhenTheClockDoesNot) {
  livekit::TrackInfo info;
  Touch(info, kWall);
  const livekit::TimedVersion first = info.version();
  Touch(info, kWall);
  EXPECT_EQ(info.version().unix_micro(), first.unix_micro());
  EXPECT_GT(info.version().ticks(), first.ticks());
  Touch(info, kWall - absl::Hours(1));
  EXPECT_EQ(info.version().unix_micro(), first.unix_micro());
}

TEST(TrackInfoTest, SmallestLayerThatCoversIsChosen) {
  livekit::AddTrackRequest request;
  request.set_type(livekit::VIDEO);
  *request.add_layers() = Layer(livekit::LOW, 320);
  *request.add_layers() = Layer(livekit::MEDIUM, 640);
  *request.add_layers() = Layer(livekit::HIGH, 1280);
  const livekit::TrackInfo info = Make(request);
  EXPECT_EQ(SpatialLayerFor(info, livekit::HIGH, 320, 160), 0u);
  EXPECT_EQ(SpatialLayerFor(info, livekit::HIGH, 321, 160), 1u);
  EXPECT_EQ(SpatialLayerFor(info, livekit::HIGH, 4000, 2000), 2u);
  EXPECT_EQ(SpatialLayerFor(info, livekit::MEDIUM, 0, 0), 1u);
}

TEST(TrackInfoTest, TwoLayersAreCountedByOrderNotByName) {
  livekit::AddTrackRequest request;
  request.set_type(livekit::VIDEO);
  *request.add_layers() = Layer(livekit::LOW, 320);
  *request.add_layers() = Layer(livekit::HIGH, 1280);
  const livekit::TrackInfo info = Make(request);
  EXPECT_EQ(SpatialLayerFor(info, livekit::HIGH, 0, 0), 1u);
  EXPECT_EQ(SpatialLayerFor(info, livekit::LOW, 0, 0), 0u);
}

}  // namespace
}  // namespace sfu::room
