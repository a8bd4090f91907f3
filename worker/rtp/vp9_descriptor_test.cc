#include "worker/rtp/vp9_descriptor.h"

#include <vector>

#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

// I P L F B V; picture id 0x0102; TID 3, U, SID 2, D; two P_DIFFs; structure of two layers with
// resolutions and a group of two pictures with one and zero references; one byte of payload.
const std::vector<uint8_t> kFlexible = {0xfa, 0x81, 0x02, 0x75, 0x03, 0x04, 0x38, 0x01, 0x40, 0x00,
                                        0xb4, 0x02, 0x80, 0x01, 0x68, 0x02, 0x04, 0x01, 0x00, 0xaa};

// I L E Z; picture id 5; TID 1, SID 0; TL0PICIDX 9; one byte of payload.
const std::vector<uint8_t> kFixed = {0xa5, 0x05, 0x20, 0x09, 0xaa};

void ExpectNoTruncationParses(const std::vector<uint8_t>& payload) {
  for (size_t size = 0; size < payload.size(); ++size) {
    const std::vector<uint8_t> cut(payload.begin(), payload.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(Vp9Descriptor::Parse(cut).has_value()) << size;
  }
}

TEST(Vp9DescriptorTest, ReadsFlexibleModeWithAStructure) {
  const std::optional<Vp9Descriptor> vp9 = Vp9Descriptor::Parse(kFlexible);
  ASSERT_TRUE(vp9.has_value());
  EXPECT_TRUE(vp9->inter_picture_predicted);
  EXPECT_TRUE(vp9->flexible_mode);
  EXPECT_TRUE(vp9->frame_start);
  EXPECT_FALSE(vp9->frame_end);
  EXPECT_EQ(vp9->picture_id, 0x0102);
  EXPECT_TRUE(vp9->long_picture_id);
  EXPECT_EQ(vp9->temporal_id, 3);
  EXPECT_TRUE(vp9->switching_up_point);
  EXPECT_EQ(vp9->spatial_id, 2);
  EXPECT_TRUE(vp9->inter_layer_predicted);
  EXPECT_EQ(vp9->tl0_picture_index, std::nullopt);
  EXPECT_TRUE(vp9->has_structure);
  EXPECT_EQ(vp9->structure_spatial_layers, 2);
  EXPECT_EQ(vp9->size, kFlexible.size() - 1);
  ExpectNoTruncationParses(kFlexible);
}

TEST(Vp9DescriptorTest, ReadsNonFlexibleMode) {
  const std::optional<Vp9Descriptor> vp9 = Vp9Descriptor::Parse(kFixed);
  ASSERT_TRUE(vp9.has_value());
  EXPECT_FALSE(vp9->inter_picture_predicted);
  EXPECT_TRUE(vp9->frame_end);
  EXPECT_TRUE(vp9->not_upper_reference);
  EXPECT_EQ(vp9->picture_id, 5);
  EXPECT_FALSE(vp9->long_picture_id);
  EXPECT_EQ(vp9->temporal_id, 1);
  EXPECT_EQ(vp9->spatial_id, 0);
  EXPECT_EQ(vp9->tl0_picture_index, 9);
  ExpectNoTruncationParses(kFixed);
}

TEST(Vp9DescriptorTest, RefusesMoreThanThreeReferences) {
  const std::vector<uint8_t> three = {0x58, 0x03, 0x03, 0x02, 0xaa};
  const std::vector<uint8_t> four = {0x58, 0x03, 0x03, 0x03, 0x02, 0xaa};
  EXPECT_TRUE(Vp9Descriptor::Parse(three).has_value());
  EXPECT_FALSE(Vp9Descriptor::Parse(four).has_value());
}

}  // namespace
}  // namespace sfu::rtp
