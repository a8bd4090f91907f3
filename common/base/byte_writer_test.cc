#include "common/base/byte_writer.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu {
namespace {

using ::testing::ElementsAre;

TEST(ByteWriterTest, WritesBigEndianFieldsAndPatchesThem) {
  std::array<uint8_t, 10> memory{};
  ByteWriter writer(absl::MakeSpan(memory));
  writer.WriteU16(0);
  writer.WriteU24(0x010203);
  writer.WriteBytes({0x0a, 0x0b});
  writer.WriteZeros(1);
  writer.PatchU16(0, 0x1234);
  EXPECT_THAT(writer.written(), ElementsAre(0x12, 0x34, 0x01, 0x02, 0x03, 0x0a, 0x0b, 0x00));
  EXPECT_EQ(writer.remaining(), 2u);
}

TEST(ByteWriterDeathTest, OverrunningTheMemoryStopsTheProcess) {
  std::array<uint8_t, 1> memory{};
  ByteWriter writer(absl::MakeSpan(memory));
  EXPECT_DEATH(writer.WriteU16(1), "check failed");
}

}  // namespace
}  // namespace sfu
