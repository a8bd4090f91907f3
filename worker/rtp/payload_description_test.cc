#include "worker/rtp/payload_description.h"

#include <vector>

#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

using Bytes = std::vector<uint8_t>;

std::optional<PayloadDescription> Describe(Codec codec, const Bytes& payload, bool marker = false) {
  return DescribePayload(codec, payload, marker, nullptr);
}

TEST(DescribePayloadTest, TellsKeyFramesOfEachCodec) {
  EXPECT_TRUE(Describe(Codec::kVp8, {0x10, 0x00})->key_frame_start);
  EXPECT_FALSE(Describe(Codec::kVp8, {0x10, 0x01})->key_frame_start);
  EXPECT_TRUE(Describe(Codec::kVp9, {0x08, 0x00})->key_frame_start);
  EXPECT_FALSE(Describe(Codec::kVp9, {0x48, 0x00})->key_frame_start) << "predicted";
  EXPECT_FALSE(Describe(Codec::kVp9, {0x28, 0x02, 0x00, 0x00})->key_frame_start) << "upper layer";
  EXPECT_TRUE(Describe(Codec::kH264, {0x67, 0x42})->key_frame_start);
  EXPECT_TRUE(Describe(Codec::kH265, {0x40, 0x01, 0x00})->key_frame_start);
  EXPECT_TRUE(Describe(Codec::kAv1, {0x08, 0x0a})->key_frame_start);
  EXPECT_FALSE(Describe(Codec::kAv1, {0x00, 0x0a})->key_frame_start);
}

TEST(DescribePayloadTest, EndsFramesAtTheMarkerAndAtVp9LayerEnds) {
  EXPECT_TRUE(Describe(Codec::kVp8, {0x00, 0x01}, true)->frame_end);
  EXPECT_FALSE(Describe(Codec::kVp8, {0x00, 0x01}, false)->frame_end);
  EXPECT_TRUE(Describe(Codec::kVp9, {0x04, 0x00}, false)->frame_end);
}

TEST(DescribePayloadTest, ReadsTemporalLayersAndSwitchingPoints) {
  const auto vp8 = Describe(Codec::kVp8, {0xb0, 0x20, 0x60, 0x01});
  EXPECT_EQ(vp8->temporal_id, 1);
  EXPECT_TRUE(vp8->switching_up_point);
  EXPECT_TRUE(vp8->discardable);
  ASSERT_NE(vp8->vp8(), nullptr);
  EXPECT_EQ(vp8->vp9(), nullptr);

  const auto vp9 = Describe(Codec::kVp9, {0x28, 0x53, 0x07, 0x00});
  EXPECT_EQ(vp9->temporal_id, 2);
  EXPECT_EQ(vp9->spatial_id, 1);
  EXPECT_TRUE(vp9->switching_up_point);
  EXPECT_TRUE(vp9->inter_layer_predicted);
  ASSERT_NE(vp9->vp9(), nullptr);
}

TEST(DescribePayloadTest, TreatsEachAudioPacketAsAFrame) {
  for (const Codec codec : {Codec::kOpus, Codec::kRed, Codec::kPcmu, Codec::kPcma}) {
    const auto description = Describe(codec, {0x6f, 1, 2, 3});
    ASSERT_TRUE(description.has_value());
    EXPECT_TRUE(description->frame_start && description->frame_end);
    EXPECT_FALSE(description->dtx);
  }
  EXPECT_TRUE(Describe(Codec::kOpus, {0xf8})->dtx);
  EXPECT_TRUE(Describe(Codec::kRed, {0x6f, 0xf8})->dtx);
}

TEST(DescribePayloadTest, DropsMalformedHeadersButNotWhatMayBeEncrypted) {
  EXPECT_FALSE(Describe(Codec::kOpus, {}).has_value());
  EXPECT_FALSE(Describe(Codec::kVp8, {0x90}).has_value());
  EXPECT_FALSE(Describe(Codec::kVp9, {0x80}).has_value());
  EXPECT_FALSE(Describe(Codec::kRed, {0xef}).has_value());
  EXPECT_FALSE(Describe(Codec::kH264, {0x1f, 0x00})->key_frame_start);
  EXPECT_FALSE(Describe(Codec::kH265, {0x00})->frame_start);
  EXPECT_FALSE(Describe(Codec::kAv1, {0x00})->frame_start);
}

TEST(DescribePayloadTest, BelievesTheDependencyDescriptor) {
  DependencyDescriptor dependency;
  dependency.start_of_frame = true;
  dependency.has_structure = true;
  dependency.decode_target_count = 1;
  dependency.dependencies.spatial_id = 2;
  dependency.dependencies.temporal_id = 1;
  dependency.dependencies.indications = 1;  // Discardable.
  const Bytes encrypted = {0xff};

  const auto description = DescribePayload(Codec::kH264, encrypted, true, &dependency);
  ASSERT_TRUE(description.has_value());
  EXPECT_TRUE(description->key_frame_start);
  EXPECT_TRUE(description->frame_start);
  EXPECT_FALSE(description->frame_end);
  EXPECT_EQ(description->spatial_id, 2);
  EXPECT_EQ(description->temporal_id, 1);
  EXPECT_TRUE(description->discardable);
  EXPECT_FALSE(description->switching_up_point);
  EXPECT_TRUE(description->dependency.has_value());
}

}  // namespace
}  // namespace sfu::rtp
