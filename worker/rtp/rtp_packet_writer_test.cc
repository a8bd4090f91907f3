#include "worker/rtp/rtp_packet_writer.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/rtp/header_extensions.h"

namespace sfu::rtp {
namespace {

using ::testing::ElementsAre;

const RtpHeader kHeader = {.padding = false,
                           .marker = true,
                           .payload_type = PayloadType(96),
                           .sequence_number = SequenceNumber(65535),
                           .timestamp = 0xfffffff0,
                           .ssrc = Ssrc(0xdeadbeef)};

TEST(WriteRtpHeaderTest, IsReadBackAsWritten) {
  ExtensionMap map;
  map.Set(ExtensionType::kTransportSequenceNumber, 3);
  map.Set(ExtensionType::kMid, 1);
  const std::vector<uint8_t> mid = {'0'};
  ExtensionBlockWriter extensions(map, false);
  ASSERT_TRUE(extensions.Reserve(ExtensionType::kTransportSequenceNumber, 2));
  ASSERT_TRUE(extensions.Add(ExtensionType::kMid, mid));

  std::vector<uint8_t> packet(64);
  packet.resize(WriteRtpHeader(kHeader, extensions, absl::MakeSpan(packet)));
  packet[kFixedHeaderSize + *extensions.OffsetOf(ExtensionType::kTransportSequenceNumber)] = 0xab;

  const std::optional<RtpPacketView> view = RtpPacketView::Parse(packet);
  ASSERT_TRUE(view.has_value());
  EXPECT_TRUE(view->marker());
  EXPECT_EQ(view->payload_type(), PayloadType(96));
  EXPECT_EQ(view->sequence_number(), SequenceNumber(65535));
  EXPECT_EQ(view->timestamp(), 0xfffffff0u);
  EXPECT_EQ(view->ssrc(), Ssrc(0xdeadbeef));
  EXPECT_EQ(view->payload_offset(), packet.size());
  const HeaderExtensions read = HeaderExtensions::Parse(*view, map);
  EXPECT_THAT(read.Value(ExtensionType::kTransportSequenceNumber), ElementsAre(0xab, 0));
  EXPECT_THAT(read.Value(ExtensionType::kMid), ElementsAre('0'));
}

TEST(WriteRtpHeaderTest, LeavesOutTheBlockWithoutExtensions) {
  const ExtensionMap map;
  const ExtensionBlockWriter extensions(map, true);
  std::vector<uint8_t> with(12);
  std::vector<uint8_t> without(12);
  EXPECT_EQ(WriteRtpHeader(kHeader, extensions, absl::MakeSpan(with)), 12u);
  EXPECT_EQ(WriteRtpHeader(kHeader, absl::MakeSpan(without)), 12u);
  EXPECT_EQ(with, without);
  EXPECT_EQ(with[0], 0x80);
}

}  // namespace
}  // namespace sfu::rtp
