#include "worker/rtp/header_extensions.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/rtp/extension_block_writer.h"

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ExtensionMap TestMap() {
  ExtensionMap map;
  map.Set(ExtensionType::kMid, 1);
  map.Set(ExtensionType::kAudioLevel, 2);
  map.Set(ExtensionType::kTransportSequenceNumber, 3);
  map.Set(ExtensionType::kDependencyDescriptor, 4);
  map.Set(ExtensionType::kColorSpace, 15);
  return map;
}

// An RTP packet with this extension block; padded to whole words.
std::vector<uint8_t> PacketWith(uint16_t profile, std::vector<uint8_t> block) {
  block.resize((block.size() + 3) / 4 * 4);
  std::vector<uint8_t> packet = {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3};
  packet.push_back(static_cast<uint8_t>(profile >> 8));
  packet.push_back(static_cast<uint8_t>(profile));
  packet.push_back(0);
  packet.push_back(static_cast<uint8_t>(block.size() / 4));
  packet.insert(packet.end(), block.begin(), block.end());
  return packet;
}

HeaderExtensions ParseIn(const std::vector<uint8_t>& packet) {
  return HeaderExtensions::Parse(*RtpPacketView::Parse(packet), TestMap());
}

TEST(ExtensionMapTest, MapsBothWays) {
  const ExtensionMap map = TestMap();
  EXPECT_EQ(map.IdOf(ExtensionType::kAudioLevel), 2);
  EXPECT_EQ(map.TypeOf(2), ExtensionType::kAudioLevel);
  EXPECT_EQ(map.IdOf(ExtensionType::kPlayoutDelay), std::nullopt);
  EXPECT_EQ(map.TypeOf(200), std::nullopt);
  EXPECT_EQ(map.TypeOf(0), std::nullopt);
}

TEST(ExtensionMapTest, LetsALaterEntryWin) {
  ExtensionMap map;
  map.Set(ExtensionType::kMid, 1);
  map.Set(ExtensionType::kAudioLevel, 1);
  EXPECT_FALSE(map.Contains(ExtensionType::kMid));
  map.Set(ExtensionType::kAudioLevel, 255);
  EXPECT_EQ(map.TypeOf(1), std::nullopt);
  EXPECT_EQ(map.TypeOf(255), ExtensionType::kAudioLevel);
  map.Set(ExtensionType::kAudioLevel, 0);
  EXPECT_EQ(map, ExtensionMap());
}

TEST(ExtensionMapTest, KnowsEveryTypeByItsUri) {
  for (size_t i = 0; i < kExtensionTypeCount; ++i) {
    const auto type = static_cast<ExtensionType>(i);
    EXPECT_EQ(ExtensionTypeFromUri(ExtensionUri(type)), type);
  }
  EXPECT_EQ(ExtensionTypeFromUri("urn:ietf:params:rtp-hdrext:toffset"), std::nullopt);
}

TEST(HeaderExtensionsTest, ReadsTheOneByteForm) {
  const std::vector<uint8_t> packet =
      PacketWith(0xbede, {0x20, 0x85, 0x00, 0x31, 0x12, 0x34, 0x70, 0xff, 0x10, 'a'});
  const HeaderExtensions extensions = ParseIn(packet);
  EXPECT_FALSE(extensions.malformed());
  EXPECT_THAT(extensions.Value(ExtensionType::kAudioLevel), ElementsAre(0x85));
  EXPECT_THAT(extensions.Value(ExtensionType::kTransportSequenceNumber), ElementsAre(0x12, 0x34));
  EXPECT_THAT(extensions.Value(ExtensionType::kMid), ElementsAre('a'));
  EXPECT_THAT(extensions.Value(ExtensionType::kDependencyDescriptor), IsEmpty());
  EXPECT_EQ(extensions.SliceOf(ExtensionType::kAudioLevel).offset, 17);
}

TEST(HeaderExtensionsTest, ReadsTheTwoByteForm) {
  std::vector<uint8_t> block = {0, 15, 4, 1, 2, 3, 4, 0, 1, 0, 4, 20};
  block.resize(block.size() + 20, 0x77);
  for (const uint16_t profile : std::vector<uint16_t>{0x1000, 0x100f}) {
    const std::vector<uint8_t> packet = PacketWith(profile, block);
    const HeaderExtensions extensions = ParseIn(packet);
    EXPECT_FALSE(extensions.malformed());
    EXPECT_THAT(extensions.Value(ExtensionType::kColorSpace), ElementsAre(1, 2, 3, 4));
    EXPECT_FALSE(extensions.Has(ExtensionType::kMid)) << "a value of no bytes";
    EXPECT_EQ(extensions.Value(ExtensionType::kDependencyDescriptor).size(), 20u);
  }
}

TEST(HeaderExtensionsTest, StopsAtTheReservedIdAndAtPaddingWithALength) {
  for (const uint8_t stop : std::vector<uint8_t>{0xf0, 0x03}) {
    const std::vector<uint8_t> packet = PacketWith(0xbede, {0x20, 0x05, stop, 0x10, 'a', 'b'});
    const HeaderExtensions extensions = ParseIn(packet);
    EXPECT_TRUE(extensions.Has(ExtensionType::kAudioLevel));
    EXPECT_FALSE(extensions.Has(ExtensionType::kMid));
  }
}

TEST(HeaderExtensionsTest, KeepsWhatCameBeforeAnOverrun) {
  for (const std::vector<uint8_t>& packet :
       {PacketWith(0xbede, {0x20, 0x05, 0x1f, 'a'}), PacketWith(0x1000, {2, 1, 5, 1}),
        PacketWith(0x1000, {2, 1, 5, 0, 0, 1, 3, 'a'})}) {
    const HeaderExtensions extensions = ParseIn(packet);
    EXPECT_TRUE(extensions.malformed());
    EXPECT_TRUE(extensions.Has(ExtensionType::kAudioLevel));
    EXPECT_FALSE(extensions.Has(ExtensionType::kMid));
  }
}

TEST(HeaderExtensionsTest, CountsTheFirstOfARepeatedElement) {
  const std::vector<uint8_t> packet = PacketWith(0xbede, {0x20, 0x05, 0x20, 0x06});
  EXPECT_THAT(ParseIn(packet).Value(ExtensionType::kAudioLevel), ElementsAre(0x05));
}

TEST(HeaderExtensionsTest, RefusesAnUnknownProfile) {
  const std::vector<uint8_t> packet = PacketWith(0x1234, {0x20, 0x05, 0, 0});
  EXPECT_TRUE(ParseIn(packet).malformed());
  EXPECT_FALSE(ParseIn(packet).Has(ExtensionType::kAudioLevel));
}

class ExtensionBlockWriterTest : public ::testing::Test {
 protected:
  const ExtensionMap map_ = TestMap();
  const std::vector<uint8_t> short_value_ = {0x81};
  const std::vector<uint8_t> long_value_ = std::vector<uint8_t>(17, 0x55);
};

std::vector<uint8_t> Written(const ExtensionBlockWriter& writer) {
  std::vector<uint8_t> block(writer.size(), 0xee);
  EXPECT_EQ(writer.Write(absl::MakeSpan(block)), block.size());
  return block;
}

TEST_F(ExtensionBlockWriterTest, PrefersTheOneByteForm) {
  ExtensionBlockWriter writer(map_, true);
  EXPECT_TRUE(writer.Reserve(ExtensionType::kTransportSequenceNumber, 2));
  EXPECT_TRUE(writer.Add(ExtensionType::kAudioLevel, short_value_));
  EXPECT_THAT(Written(writer), ElementsAre(0xbe, 0xde, 0, 2, 0x31, 0, 0, 0x20, 0x81, 0, 0, 0));
  EXPECT_EQ(writer.OffsetOf(ExtensionType::kTransportSequenceNumber), 5u);
  EXPECT_EQ(writer.OffsetOf(ExtensionType::kAudioLevel), 8u);
  EXPECT_EQ(writer.OffsetOf(ExtensionType::kMid), std::nullopt);
}

TEST_F(ExtensionBlockWriterTest, TakesTheTwoByteFormForALongValueOrALargeId) {
  ExtensionBlockWriter long_value(map_, true);
  EXPECT_TRUE(long_value.Add(ExtensionType::kAudioLevel, short_value_));
  EXPECT_TRUE(long_value.Add(ExtensionType::kDependencyDescriptor, long_value_));
  EXPECT_EQ(long_value.OffsetOf(ExtensionType::kAudioLevel), 6u);
  EXPECT_EQ(Written(long_value)[0], 0x10);

  ExtensionBlockWriter large_id(map_, true);
  EXPECT_TRUE(large_id.Add(ExtensionType::kColorSpace, short_value_));
  EXPECT_THAT(Written(large_id), ElementsAre(0x10, 0, 0, 1, 15, 1, 0x81, 0));
}

TEST_F(ExtensionBlockWriterTest, RefusesWhatItCannotExpress) {
  ExtensionBlockWriter writer(map_, false);
  EXPECT_FALSE(writer.Add(ExtensionType::kDependencyDescriptor, long_value_));
  EXPECT_FALSE(writer.Add(ExtensionType::kColorSpace, short_value_));
  EXPECT_FALSE(writer.Add(ExtensionType::kPlayoutDelay, short_value_)) << "not negotiated";
  EXPECT_FALSE(writer.Add(ExtensionType::kMid, {}));
  EXPECT_EQ(writer.size(), 0u);
  EXPECT_TRUE(writer.Add(ExtensionType::kMid, short_value_));
  EXPECT_FALSE(writer.Add(ExtensionType::kMid, short_value_)) << "twice";
}

TEST_F(ExtensionBlockWriterTest, IsReadBackAndWrittenAgainTheSame) {
  for (const bool two_byte : {false, true}) {
    ExtensionBlockWriter writer(map_, two_byte);
    writer.Add(ExtensionType::kMid, short_value_);
    writer.Add(ExtensionType::kDependencyDescriptor, long_value_);
    writer.Add(ExtensionType::kAudioLevel, short_value_);
    const std::vector<uint8_t> block = Written(writer);
    const auto profile = static_cast<uint16_t>(block[0] << 8 | block[1]);
    const std::vector<uint8_t> packet = PacketWith(profile, {block.begin() + 4, block.end()});

    const HeaderExtensions read = ParseIn(packet);
    ExtensionBlockWriter again(map_, two_byte);
    for (const ExtensionType type :
         {ExtensionType::kMid, ExtensionType::kDependencyDescriptor, ExtensionType::kAudioLevel}) {
      again.Add(type, read.Value(type));
    }
    EXPECT_EQ(read.Has(ExtensionType::kDependencyDescriptor), two_byte);
    EXPECT_EQ(Written(again), block);
  }
}

}  // namespace
}  // namespace sfu::rtp
