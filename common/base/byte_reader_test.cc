#include "common/base/byte_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu {
namespace {

using ::testing::ElementsAre;

constexpr uint8_t kBytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07};

TEST(ByteReaderTest, ReadsBigEndianFieldsInOrder) {
  ByteReader reader(kBytes);
  EXPECT_EQ(reader.ReadU8(), 0x01);
  EXPECT_EQ(reader.ReadU16(), 0x0203);
  EXPECT_EQ(reader.ReadU24(), 0x040506u);
  EXPECT_EQ(reader.remaining(), 1u);
  EXPECT_THAT(reader.rest(), ElementsAre(0x07));
}

TEST(ByteReaderTest, AReadPastTheEndFailsAndMovesNothing) {
  ByteReader reader(kBytes);
  EXPECT_FALSE(reader.ReadU64().has_value());
  EXPECT_FALSE(reader.ReadBytes(8).has_value());
  EXPECT_EQ(reader.offset(), 0u);
  EXPECT_TRUE(reader.Skip(7));
  EXPECT_FALSE(reader.Skip(1));
}

}  // namespace
}  // namespace sfu
