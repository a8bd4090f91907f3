#include "worker/server/parameter_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::worker {
namespace {

using ::testing::SizeIs;

v1::ConfigureReceivers OneReceiver() {
  v1::ConfigureReceivers message;
  v1::Receiver& receiver = *message.add_receivers();
  receiver.set_track(7);
  receiver.set_mid("3");
  receiver.set_kind(v1::MEDIA_KIND_VIDEO);
  v1::PayloadFormat& format = *receiver.add_formats();
  format.set_codec(v1::CODEC_VP8);
  format.set_payload_type(96);
  format.set_rtx_payload_type(97);
  v1::ExtensionId& extension = *receiver.add_extensions();
  extension.set_extension(v1::HEADER_EXTENSION_MID);
  extension.set_id(4);
  receiver.add_encodings()->set_rid("q");
  return message;
}

TEST(ParameterConversionTest, TakesAWholeReceiver) {
  const auto receivers = FromProto(OneReceiver());
  ASSERT_TRUE(receivers);
  ASSERT_THAT(*receivers, SizeIs(1));
  const mediaroom::ReceiverParameters& receiver = receivers->front();
  EXPECT_EQ(receiver.track, mediaroom::TrackHandle(7));
  EXPECT_EQ(receiver.formats.front().codec, rtp::Codec::kVp8);
  EXPECT_EQ(receiver.formats.front().rtx_payload_type, rtp::PayloadType(97));
  EXPECT_EQ(receiver.extensions.IdOf(rtp::ExtensionType::kMid), 4);
  EXPECT_EQ(receiver.encodings.front().rid, "q");
  EXPECT_FALSE(receiver.encodings.front().ssrc.has_value());
}

TEST(ParameterConversionTest, ATrackOfZeroIsNotMappedYet) {
  v1::ConfigureReceivers message = OneReceiver();
  message.mutable_receivers(0)->set_track(0);
  EXPECT_FALSE(FromProto(message)->front().track.has_value());
}

TEST(ParameterConversionTest, RefusesWhatContradictsItself) {
  v1::ConfigureReceivers no_kind = OneReceiver();
  no_kind.mutable_receivers(0)->clear_kind();
  EXPECT_FALSE(FromProto(no_kind));

  v1::ConfigureReceivers no_codec = OneReceiver();
  no_codec.mutable_receivers(0)->mutable_formats(0)->clear_codec();
  EXPECT_FALSE(FromProto(no_codec));

  v1::ConfigureReceivers wide_payload_type = OneReceiver();
  wide_payload_type.mutable_receivers(0)->mutable_formats(0)->set_payload_type(128);
  EXPECT_FALSE(FromProto(wide_payload_type));

  v1::ConfigureReceivers no_encoding = OneReceiver();
  no_encoding.mutable_receivers(0)->clear_encodings();
  EXPECT_FALSE(FromProto(no_encoding));

  v1::ConfigureReceivers too_many_encodings = OneReceiver();
  for (int i = 0; i < 3; ++i) {
    too_many_encodings.mutable_receivers(0)->add_encodings();
  }
  EXPECT_FALSE(FromProto(too_many_encodings));

  v1::ConfigureSenders no_ssrc;
  no_ssrc.add_senders()->set_sender(1);
  EXPECT_FALSE(FromProto(no_ssrc));
}

TEST(ParameterConversionTest, WeakFingerprintsAreNone) {
  v1::ConfigureTransport message;
  v1::Fingerprint& weak = *message.add_remote_fingerprints();
  weak.set_algorithm("sha-1");
  weak.set_value(std::string(20, 'x'));
  v1::Fingerprint& strong = *message.add_remote_fingerprints();
  strong.set_algorithm("sha-256");
  strong.set_value(std::string(32, 'x'));
  EXPECT_THAT(FromProto(message).fingerprints, SizeIs(1));
}

TEST(ParameterConversionTest, SpeakerDefaultsHoldWhereNothingIsSaid) {
  const mediaroom::AudioLevelOptions options = FromProto(v1::AudioLevelOptions());
  EXPECT_EQ(options.active_level_dbov, 35);
  EXPECT_EQ(options.update_interval, absl::Milliseconds(400));
}

TEST(ParameterConversionTest, EveryCodecGoesThereAndBack) {
  for (int codec = v1::CODEC_OPUS; codec <= v1::CODEC_AV1; ++codec) {
    const auto plain = FromProto(static_cast<v1::Codec>(codec));
    ASSERT_TRUE(plain) << codec;
    EXPECT_EQ(ToProto(*plain), codec);
  }
}

}  // namespace
}  // namespace sfu::worker
