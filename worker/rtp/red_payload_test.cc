#include "worker/rtp/red_payload.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One redundant block: PT 111, 960 ticks older, 5 bytes; then the primary, PT 111.
const std::vector<uint8_t> kOneGeneration = {0xef, 0x0f, 0x00, 0x05, 0x6f, 1, 2, 3, 4, 5, 6, 7};

TEST(RedPayloadTest, ReadsOneGeneration) {
  const std::optional<RedPayload> red = RedPayload::Parse(kOneGeneration);
  ASSERT_TRUE(red.has_value());
  ASSERT_EQ(red->redundant().size(), 1u);
  EXPECT_EQ(red->redundant()[0].payload_type, PayloadType(111));
  EXPECT_EQ(red->redundant()[0].timestamp_offset, 960);
  EXPECT_THAT(red->redundant()[0].data, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(red->primary().payload_type, PayloadType(111));
  EXPECT_THAT(red->primary().data, ElementsAre(6, 7));
}

TEST(RedPayloadTest, WritesTheHeadersOfTheVector) {
  const std::vector<uint8_t> old_data = {1, 2, 3, 4, 5};
  const std::vector<uint8_t> new_data = {6, 7};
  const std::vector<RedBlock> blocks = {{PayloadType(111), 960, old_data},
                                        {PayloadType(111), 0, new_data}};
  std::vector<uint8_t> out(kOneGeneration.size());
  EXPECT_EQ(WriteRedPayload(blocks, absl::MakeSpan(out)), out.size());
  EXPECT_EQ(out, kOneGeneration);
  EXPECT_EQ(WriteRedPayload(blocks, absl::MakeSpan(out).first(11)), 0u) << "does not fit";
}

TEST(RedPayloadTest, RefusesToWriteBeyondItsFields) {
  const std::vector<uint8_t> large(RedPayload::kMaxBlockSize + 1);
  const std::vector<uint8_t> small(1);
  std::vector<uint8_t> out(4096);
  const auto write = [&](const std::vector<RedBlock>& blocks) {
    return WriteRedPayload(blocks, absl::MakeSpan(out));
  };
  EXPECT_EQ(write({{PayloadType(111), 960, large}, {PayloadType(111), 0, small}}), 0u);
  EXPECT_EQ(write({{PayloadType(111), 1 << 14, small}, {PayloadType(111), 0, small}}), 0u);
  EXPECT_EQ(write({}), 0u);
  EXPECT_NE(write({{PayloadType(111), 0, large}}), 0u) << "a primary has no length field";
}

TEST(RedPayloadTest, ReadsAPrimaryAloneAndAnEmptyRedundantBlock) {
  const std::vector<uint8_t> alone = {0x6f, 9};
  EXPECT_THAT(RedPayload::Parse(alone)->redundant(), IsEmpty());
  EXPECT_THAT(RedPayload::Parse(alone)->primary().data, ElementsAre(9));
  const std::vector<uint8_t> empty_block = {0xef, 0x0f, 0x00, 0x00, 0x6f, 9};
  EXPECT_THAT(RedPayload::Parse(empty_block)->redundant()[0].data, IsEmpty());
}

TEST(RedPayloadTest, RejectsEveryTruncationBeforeThePrimary) {
  constexpr size_t kShortestWithPrimary = 11;
  for (size_t size = 0; size < kShortestWithPrimary; ++size) {
    const std::vector<uint8_t> cut(kOneGeneration.begin(),
                                   kOneGeneration.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(RedPayload::Parse(cut).has_value()) << size;
  }
}

TEST(RedPayloadTest, RefusesTooManyBlocks) {
  std::vector<uint8_t> payload;
  for (size_t i = 0; i < RedPayload::kMaxBlocks; ++i) {
    payload.insert(payload.end(), {0xef, 0, 0, 0});
  }
  payload.insert(payload.end(), {0x6f, 1});
  EXPECT_FALSE(RedPayload::Parse(payload).has_value());
  payload.erase(payload.begin(), payload.begin() + 4);
  EXPECT_TRUE(RedPayload::Parse(payload).has_value());
}

}  // namespace
}  // namespace sfu::rtp
