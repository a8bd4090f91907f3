#include "worker/rtcp/compound_view.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::rtcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An empty receiver report, an APP packet nobody knows, and a padded PLI.
const std::vector<uint8_t> kCompound = {0x80, 201, 0, 1, 0, 0, 0, 1,  //
                                        0x85, 204, 0, 0,              //
                                        0xa1, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4};

TEST(CompoundViewTest, WalksItsPackets) {
  const std::optional<CompoundView> compound = CompoundView::Parse(kCompound);
  ASSERT_TRUE(compound.has_value());
  std::vector<SubPacket> packets;
  for (const SubPacket packet : *compound) {
    packets.push_back(packet);
  }
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(packets[0].type, PacketType::kReceiverReport);
  EXPECT_EQ(packets[0].count, 0);
  EXPECT_THAT(packets[0].body, ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(packets[1].type, PacketType::kApplication);
  EXPECT_EQ(packets[1].count, 5);
  EXPECT_THAT(packets[1].body, IsEmpty());
  EXPECT_EQ(packets[2].type, PacketType::kPayloadFeedback);
  EXPECT_THAT(packets[2].body, ElementsAre(0, 0, 0, 1, 0, 0, 0, 2)) << "without padding";
}

TEST(CompoundViewTest, AcceptsTruncationsAtPacketBordersOnly) {
  for (size_t size = 0; size <= kCompound.size(); ++size) {
    const std::vector<uint8_t> cut(kCompound.begin(),
                                   kCompound.begin() + static_cast<ptrdiff_t>(size));
    const bool border = size == 8 || size == 12 || size == kCompound.size();
    EXPECT_EQ(CompoundView::Parse(cut).has_value(), border) << size;
  }
}

TEST(CompoundViewTest, RefusesBadPaddingAndVersions) {
  for (const uint8_t padding : std::vector<uint8_t>{0, 13, 255}) {
    std::vector<uint8_t> bytes = kCompound;
    bytes.back() = padding;
    EXPECT_FALSE(CompoundView::Parse(bytes).has_value()) << int{padding};
  }
  std::vector<uint8_t> bytes = kCompound;
  bytes[8] = 0x45;
  EXPECT_FALSE(CompoundView::Parse(bytes).has_value());
}

TEST(CompoundViewTest, StopsAtItsLimits) {
  const auto empty_packets = [](size_t count) {
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < count; ++i) {
      bytes.insert(bytes.end(), {0x80, 204, 0, 0});
    }
    return bytes;
  };
  EXPECT_TRUE(CompoundView::Parse(empty_packets(64)).has_value());
  EXPECT_FALSE(CompoundView::Parse(empty_packets(65)).has_value());

  std::vector<uint8_t> large(4096);
  large[0] = 0x80;
  large[2] = 1023 >> 8;
  large[3] = 1023 & 0xff;
  EXPECT_TRUE(CompoundView::Parse(large).has_value());
  large[2] = 1024 >> 8;
  large[3] = 0;
  large.resize(4100);
  EXPECT_FALSE(CompoundView::Parse(large).has_value());
}

}  // namespace
}  // namespace sfu::rtcp
