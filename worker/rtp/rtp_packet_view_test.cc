#include "worker/rtp/rtp_packet_view.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// V=2, P, X, CC=1, M, PT=96, seq 0x1234, one CSRC, one word of extension, 2 bytes of padding.
std::vector<uint8_t> FullPacket() {
  return {0xb1, 0xe0, 0x12, 0x34, 0x00, 0x00, 0x00, 0x2a, 0xde, 0xad, 0xbe, 0xef, 0x00, 0x00, 0x00,
          0x01, 0xbe, 0xde, 0x00, 0x01, 0x10, 0xff, 0x00, 0x00, 0x0a, 0x0b, 0x0c, 0x00, 0x02};
}

TEST(RtpPacketViewTest, ReadsEveryPartOfAFullHeader) {
  const std::vector<uint8_t> bytes = FullPacket();
  const std::optional<RtpPacketView> packet = RtpPacketView::Parse(bytes);
  ASSERT_TRUE(packet.has_value());
  EXPECT_TRUE(packet->marker());
  EXPECT_EQ(packet->payload_type(), PayloadType(96));
  EXPECT_EQ(packet->sequence_number(), SequenceNumber(0x1234));
  EXPECT_EQ(packet->timestamp(), 42u);
  EXPECT_EQ(packet->ssrc(), Ssrc(0xdeadbeef));
  EXPECT_EQ(packet->extension_profile(), 0xbede);
  EXPECT_THAT(packet->extension_block(), ElementsAre(0x10, 0xff, 0x00, 0x00));
  EXPECT_THAT(packet->payload(), ElementsAre(0x0a, 0x0b, 0x0c));
}

TEST(RtpPacketViewTest, RejectsEveryTruncation) {
  // Padding is cleared so that no prefix can become valid by accident.
  std::vector<uint8_t> bytes = FullPacket();
  bytes[0] &= static_cast<uint8_t>(~0x20);
  constexpr size_t kHeaderSize = 24;
  for (size_t size = 0; size < kHeaderSize; ++size) {
    EXPECT_FALSE(RtpPacketView::Parse(absl::MakeConstSpan(bytes).first(size)).has_value()) << size;
  }
  EXPECT_THAT(RtpPacketView::Parse(absl::MakeConstSpan(bytes).first(kHeaderSize))->payload(),
              IsEmpty());
}

TEST(RtpPacketViewTest, RejectsPaddingThatDoesNotFit) {
  for (const uint8_t padding : std::vector<uint8_t>{0, 6, 255}) {
    std::vector<uint8_t> bytes = FullPacket();
    bytes.back() = padding;
    EXPECT_FALSE(RtpPacketView::Parse(bytes).has_value()) << int{padding};
  }
}

}  // namespace
}  // namespace sfu::rtp
