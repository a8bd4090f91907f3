#include "worker/forward/codec_munger.h"

#include <gtest/gtest.h>

#include "worker/forward/test_dependency.h"
#include "worker/forward/test_packets.h"

namespace sfu::forward {
namespace {

class CodecMungerTest : public ::testing::Test {
 protected:
  const rtp::MediaPacket& Packet(const Vp8Spec& spec) {
    return source_.Make(
        {.sequence = next_++, .codec = rtp::Codec::kVp8, .payload = Vp8Payload(spec)});
  }
  // The descriptor a receiver would see.
  static rtp::Vp8Descriptor Written(const rtp::MediaPacket& packet, const CodecNumbers& numbers) {
    uint8_t prefix[32];
    size_t replaced = 0;
    const size_t size = CodecMunger::WritePrefix(packet, numbers, absl::MakeSpan(prefix), replaced);
    std::vector<uint8_t> payload(prefix, prefix + size);
    const absl::Span<const uint8_t> rest = packet.payload().subspan(replaced);
    payload.insert(payload.end(), rest.begin(), rest.end());
    return *rtp::Vp8Descriptor::Parse(payload);
  }

  TestSource source_;
  CodecMunger munger_;
  int64_t next_ = 0;
};

TEST_F(CodecMungerTest, LeftOutPicturesLeaveNoGap) {
  munger_.SwitchTo(Packet({.picture_id = 10, .tl0 = 5, .key = true}));
  int last = -1;
  for (int picture = 0; picture < 70'000; ++picture) {
    const bool upper = picture % 2 == 1;
    const rtp::MediaPacket& packet =
        Packet({.picture_id = static_cast<uint16_t>((10 + picture) & 0x7fff),
                .tl0 = static_cast<uint8_t>(5 + picture / 2),
                .temporal_id = static_cast<uint8_t>(upper ? 1 : 0)});
    if (upper) {
      munger_.LeaveOut(packet);
    } else {
      const auto numbers = munger_.Map(packet);
      ASSERT_TRUE(numbers.has_value());
      const rtp::Vp8Descriptor descriptor = Written(packet, *numbers);
      if (last >= 0) {
        ASSERT_EQ(*descriptor.picture_id, (last + 1) & 0x7fff) << picture;
      }
      last = *descriptor.picture_id;
    }
    source_.Forget(0, next_ - 1);
  }
}

TEST_F(CodecMungerTest, ASwitchContinuesAllThreeCounters) {
  munger_.SwitchTo(Packet({.picture_id = 10, .tl0 = 255, .key_index = 31, .key = true}));
  const CodecNumbers before =
      *munger_.Map(Packet({.picture_id = 12, .tl0 = 1, .key_index = 2, .key = true}));
  const rtp::MediaPacket& next =
      Packet({.picture_id = 9000, .tl0 = 77, .key_index = 9, .key = true});
  munger_.SwitchTo(next);
  const CodecNumbers after = *munger_.Map(next);
  EXPECT_EQ(after.picture_id, before.picture_id + 1);
  EXPECT_EQ(after.tl0_picture_index, static_cast<uint8_t>(before.tl0_picture_index + 1));
  EXPECT_EQ(after.key_index, (before.key_index + 1) & 31);
}

TEST_F(CodecMungerTest, SevenBitIdsWrapIntoTheLongForm) {
  const rtp::MediaPacket& first = Packet({.picture_id = 100, .key = true, .long_id = false});
  munger_.SwitchTo(first);
  const int start = munger_.Map(first)->picture_id;
  for (int picture = 1; picture < 400; ++picture) {
    const rtp::MediaPacket& packet =
        Packet({.picture_id = static_cast<uint16_t>((100 + picture) & 0x7f), .long_id = false});
    const auto numbers = munger_.Map(packet);
    ASSERT_TRUE(numbers.has_value());
    const rtp::Vp8Descriptor descriptor = Written(packet, *numbers);
    EXPECT_EQ(*descriptor.picture_id, start + picture);
    EXPECT_EQ(descriptor.long_picture_id, start + picture > 127);
  }
}

TEST_F(CodecMungerTest, LatePacketsGetTheNumbersOfTheirTime) {
  munger_.SwitchTo(Packet({.picture_id = 10, .key = true}));
  const CodecNumbers first = *munger_.Map(Packet({.picture_id = 10, .key = true}));
  munger_.Map(Packet({.picture_id = 12}));  // 11 is late.
  munger_.LeaveOut(Packet({.picture_id = 13}));
  munger_.Map(Packet({.picture_id = 14}));
  EXPECT_EQ(munger_.Map(Packet({.picture_id = 11}))->picture_id, first.picture_id + 1);
  EXPECT_FALSE(munger_.Map(Packet({.picture_id = 13})).has_value());
}

TEST_F(CodecMungerTest, AnUnchangedDescriptorIsNotCopied) {
  const rtp::MediaPacket& packet = Packet({.picture_id = 9, .tl0 = 4, .key_index = 3});
  const CodecNumbers same = {9, 4, 3, 0, 0};
  uint8_t prefix[32];
  size_t replaced = 0;
  EXPECT_EQ(CodecMunger::WritePrefix(packet, same, absl::MakeSpan(prefix), replaced), 0u);
  EXPECT_EQ(replaced, 0u);
}

}  // namespace

}  // namespace sfu::forward
