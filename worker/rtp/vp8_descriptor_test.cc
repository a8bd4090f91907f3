#include "worker/rtp/vp8_descriptor.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;

// X, S; I L T K; 15-bit picture id 0x1234; TL0PICIDX 0x56; TID 2, Y, KEYIDX 9; a key frame's byte.
const std::vector<uint8_t> kFull = {0x90, 0xf0, 0x92, 0x34, 0x56, 0xa9, 0x10};

std::vector<uint8_t> Written(const Vp8Descriptor& descriptor) {
  std::vector<uint8_t> bytes(descriptor.WrittenSize());
  EXPECT_EQ(descriptor.Write(absl::MakeSpan(bytes)), bytes.size());
  return bytes;
}

TEST(Vp8DescriptorTest, ReadsEveryField) {
  const std::optional<Vp8Descriptor> vp8 = Vp8Descriptor::Parse(kFull);
  ASSERT_TRUE(vp8.has_value());
  EXPECT_TRUE(vp8->frame_start());
  EXPECT_TRUE(vp8->key_frame);
  EXPECT_FALSE(vp8->non_reference);
  EXPECT_EQ(vp8->picture_id, 0x1234);
  EXPECT_TRUE(vp8->long_picture_id);
  EXPECT_EQ(vp8->tl0_picture_index, 0x56);
  EXPECT_EQ(vp8->temporal_id, 2);
  EXPECT_TRUE(vp8->layer_sync);
  EXPECT_EQ(vp8->key_index, 9);
  EXPECT_EQ(vp8->size, 6);
}

TEST(Vp8DescriptorTest, KnowsAKeyFrameOnlyAtItsStart) {
  EXPECT_TRUE(Vp8Descriptor::Parse(std::vector<uint8_t>{0x10, 0x00})->key_frame);
  EXPECT_FALSE(Vp8Descriptor::Parse(std::vector<uint8_t>{0x10, 0x01})->key_frame);
  EXPECT_FALSE(Vp8Descriptor::Parse(std::vector<uint8_t>{0x00, 0x00})->key_frame);
  EXPECT_FALSE(Vp8Descriptor::Parse(std::vector<uint8_t>{0x11, 0x00})->key_frame) << "partition 1";
}

TEST(Vp8DescriptorTest, RejectsEveryTruncation) {
  for (size_t size = 0; size < kFull.size(); ++size) {
    const std::vector<uint8_t> cut(kFull.begin(), kFull.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(Vp8Descriptor::Parse(cut).has_value()) << size;
  }
}

TEST(Vp8DescriptorTest, WritesWhatItRead) {
  for (const std::vector<uint8_t>& payload :
       {kFull, std::vector<uint8_t>{0x10, 0x00}, std::vector<uint8_t>{0xb0, 0x80, 0x7f, 0x00},
        std::vector<uint8_t>{0x80, 0x20, 0x60, 0x00}, std::vector<uint8_t>{0x87, 0x10, 0x1f, 0x00},
        std::vector<uint8_t>{0x80, 0x40, 0xff, 0x00}}) {
    const std::optional<Vp8Descriptor> vp8 = Vp8Descriptor::Parse(payload);
    ASSERT_TRUE(vp8.has_value());
    EXPECT_EQ(Written(*vp8), std::vector<uint8_t>(payload.begin(), payload.end() - 1));
  }
}

TEST(Vp8DescriptorTest, WidensThePictureId) {
  Vp8Descriptor vp8 = *Vp8Descriptor::Parse(std::vector<uint8_t>{0x90, 0x80, 0x7f, 0x00});
  vp8.picture_id = 0x80;
  vp8.long_picture_id = true;
  EXPECT_EQ(vp8.WrittenSize(), vp8.size + 1u);
  EXPECT_THAT(Written(vp8), ElementsAre(0x90, 0x80, 0x80, 0x80));
}

}  // namespace
}  // namespace sfu::rtp
