#include "worker/rtp/retransmission.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/rtp/outgoing_packet.h"

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;

// An RTX packet (PT 97) with an extension block, for media packet 65535.
const std::vector<uint8_t> kRtx = {0x90, 0xe1, 0x00, 0x07, 0,    0,    0,   9,    0x11,
                                   0x11, 0x11, 0x11, 0xbe, 0xde, 0,    1,   0x20, 5,
                                   0,    0,    0xff, 0xff, 0xaa, 0xbb, 0xcc};

TEST(RestoreOriginalTest, MakesTheLostPacket) {
  PacketPool pool(1, 1);
  PacketRef packet = pool.Copy(kRtx);
  ASSERT_TRUE(RestoreOriginal(packet, Ssrc(0x22222222), PayloadType(96)));

  const std::optional<RtpPacketView> view = RtpPacketView::Parse(packet.bytes());
  ASSERT_TRUE(view.has_value());
  EXPECT_TRUE(view->marker());
  EXPECT_EQ(view->payload_type(), PayloadType(96));
  EXPECT_EQ(view->sequence_number(), SequenceNumber(65535));
  EXPECT_EQ(view->timestamp(), 9u);
  EXPECT_EQ(view->ssrc(), Ssrc(0x22222222));
  EXPECT_THAT(view->extension_block(), ElementsAre(0x20, 5, 0, 0));
  EXPECT_THAT(view->payload(), ElementsAre(0xaa, 0xbb, 0xcc));
}

TEST(RestoreOriginalTest, LeavesAProbeAlone) {
  PacketPool pool(1, 1);
  for (const size_t cut : {3, 4, 5}) {  // Two bytes of payload, one, none.
    const std::vector<uint8_t> probe(kRtx.begin(), kRtx.end() - static_cast<ptrdiff_t>(cut));
    PacketRef packet = pool.Copy(probe);
    EXPECT_FALSE(RestoreOriginal(packet, Ssrc(1), PayloadType(96))) << cut;
    EXPECT_EQ(packet.bytes(), absl::MakeConstSpan(probe));
  }
}

TEST(RestoreOriginalTest, LeavesAPaddedProbeAlone) {
  PacketPool pool(1, 1);
  std::vector<uint8_t> probe = {0xa0, 0x61, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};
  probe.resize(probe.size() + 255);
  probe.back() = 255;
  PacketRef packet = pool.Copy(probe);
  EXPECT_FALSE(RestoreOriginal(packet, Ssrc(1), PayloadType(96)));
}

TEST(OutgoingPacketTest, JoinsItsPartsIntoAnRtxPacket) {
  PacketPool pool(1, 1);
  const std::vector<uint8_t> received = {0xf0, 0xf1, 0xaa, 0xbb};
  OutgoingPacket packet;
  packet.source = pool.Copy(received);
  packet.payload_offset = 2;
  packet.payload_size = 2;
  packet.header_size = 3;
  packet.header[0] = 1;
  packet.header[1] = 2;
  packet.header[2] = 3;
  packet.prefix_size = 2;
  WriteOriginalSequence(SequenceNumber(0x1234), absl::MakeSpan(packet.prefix));
  packet.padding_size = 3;

  std::vector<uint8_t> out(packet.size(), 0xee);
  packet.CopyTo(absl::MakeSpan(out));
  EXPECT_THAT(out, ElementsAre(1, 2, 3, 0x12, 0x34, 0xaa, 0xbb, 0, 0, 3));
}

}  // namespace
}  // namespace sfu::rtp
