#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/rtcp/bye.h"
#include "worker/rtcp/extended_report.h"
#include "worker/rtcp/ntp_time.h"
#include "worker/rtcp/receiver_report.h"
#include "worker/rtcp/rtcp_test_support.h"
#include "worker/rtcp/sender_report.h"
#include "worker/rtcp/source_description.h"

namespace sfu::rtcp {
namespace {

using ::testing::ElementsAre;

const std::vector<ReportBlock> kBlocks = {{.source = Ssrc(0x22222222),
                                           .fraction_lost = 64,
                                           .cumulative_lost = -3,
                                           .highest_sequence = 0x0001ffff,
                                           .jitter = 90,
                                           .last_sender_report = 0x11223344,
                                           .delay_since_sender_report = 0x8000},
                                          {.source = Ssrc(0x33333333),
                                           .fraction_lost = 0,
                                           .cumulative_lost = 0x7fffff,
                                           .highest_sequence = 1,
                                           .jitter = 2,
                                           .last_sender_report = 3,
                                           .delay_since_sender_report = 4}};

TEST(SenderReportTest, IsReadBackAsWritten) {
  const SenderReport report = {.sender = Ssrc(0x11111111),
                               .ntp = 0x0123456789abcdef,
                               .rtp_timestamp = 7,
                               .packet_count = 8,
                               .octet_count = 9};
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteSenderReport(out, report, kBlocks); });
  EXPECT_EQ(bytes.size(), SenderReportSize(2));
  EXPECT_THAT(absl::MakeConstSpan(bytes).first(4), ElementsAre(0x82, 200, 0, 18));

  const std::optional<SenderReportView> read = SenderReportView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->report.sender, report.sender);
  EXPECT_EQ(read->report.ntp, report.ntp);
  EXPECT_EQ(read->report.rtp_timestamp, 7u);
  EXPECT_EQ(read->report.packet_count, 8u);
  EXPECT_EQ(read->report.octet_count, 9u);
  ASSERT_EQ(read->blocks.size(), 2u);
  EXPECT_EQ(read->blocks[0], kBlocks[0]);
  EXPECT_EQ(read->blocks[1], kBlocks[1]);
  ExpectTruncationsFail<SenderReportView>(bytes, 24 + 48);
}

TEST(ReceiverReportTest, IsReadBackAsWritten) {
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteReceiverReport(out, Ssrc(5), kBlocks); });
  EXPECT_EQ(bytes.size(), ReceiverReportSize(2));
  const std::optional<ReceiverReportView> read = ReceiverReportView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sender, Ssrc(5));
  ASSERT_EQ(read->blocks.size(), 2u);
  EXPECT_EQ(read->blocks[1], kBlocks[1]);
  ExpectTruncationsFail<ReceiverReportView>(bytes, 4 + 48);
}

TEST(ReportBlockTest, ClampsTheCumulativeLossTo24Bits) {
  for (const auto& [written, expected] : std::vector<std::pair<int32_t, int32_t>>{
           {0x800000, 0x7fffff}, {-0x800001, -0x800000}, {-1, -1}}) {
    ReportBlock block;
    block.cumulative_lost = written;
    const std::vector<uint8_t> bytes =
        Written([&](ByteWriter& out) { WriteReportBlock(out, block); });
    EXPECT_EQ(ReportBlocksView(bytes)[0].cumulative_lost, expected);
  }
}

TEST(SourceDescriptionTest, EndsEachChunkWithZerosToAWord) {
  const std::vector<SourceName> names = {{Ssrc(1), "ab"}, {Ssrc(2), "x"}};
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteSourceDescription(out, names); });
  EXPECT_THAT(bytes, ElementsAre(0x82, 202, 0, 5,                         //
                                 0, 0, 0, 1, 1, 2, 'a', 'b', 0, 0, 0, 0,  //
                                 0, 0, 0, 2, 1, 1, 'x', 0));
  EXPECT_EQ(bytes.size(), SourceDescriptionSize(names));
  EXPECT_EQ(Only(bytes).type, PacketType::kSourceDescription);
}

TEST(ByeTest, NamesItsSources) {
  const std::vector<Ssrc> sources = {Ssrc(7), Ssrc(8)};
  const std::vector<uint8_t> bytes = Written([&](ByteWriter& out) { WriteBye(out, sources); });
  const std::optional<ByeView> read = ByeView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0], Ssrc(7));
  EXPECT_EQ((*read)[1], Ssrc(8));
  ExpectTruncationsFail<ByeView>(bytes, 8);
}

TEST(ExtendedReportTest, CarriesAReceiverReference) {
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteReceiverReference(out, Ssrc(3), 0x0102030405060708); });
  EXPECT_EQ(bytes.size(), kReceiverReferenceSize);
  EXPECT_THAT(absl::MakeConstSpan(bytes).subspan(8, 4), ElementsAre(4, 0, 0, 2));
  const std::optional<ExtendedReportView> read = ExtendedReportView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sender(), Ssrc(3));
  EXPECT_EQ(read->receiver_reference_ntp(), 0x0102030405060708u);
  EXPECT_EQ(read->delay_count(), 0u);
}

TEST(ExtendedReportTest, CarriesDelaysBehindBlocksItDoesNotKnow) {
  const std::vector<ReceiverDelay> delays = {
      {.receiver = Ssrc(1), .last_reference = 2, .delay_since = 3},
      {.receiver = Ssrc(4), .last_reference = 5, .delay_since = 6}};
  std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteReceiverDelays(out, Ssrc(9), delays); });
  EXPECT_EQ(bytes.size(), ReceiverDelaysSize(2));
  const std::vector<uint8_t> unknown_block = {42, 0, 0, 1, 1, 2, 3, 4};
  bytes.insert(bytes.begin() + 8, unknown_block.begin(), unknown_block.end());
  bytes[3] = static_cast<uint8_t>(bytes[3] + 2);

  const std::optional<ExtendedReportView> read = ExtendedReportView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->receiver_reference_ntp(), std::nullopt);
  ASSERT_EQ(read->delay_count(), 2u);
  EXPECT_EQ(read->delay(0), delays[0]);
  EXPECT_EQ(read->delay(1), delays[1]);
}

TEST(ExtendedReportTest, RejectsTruncationsOfABlock) {
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteReceiverReference(out, Ssrc(3), 1); });
  const SubPacket whole = Only(bytes);
  for (size_t size = 0; size < whole.body.size(); ++size) {
    const std::vector<uint8_t> cut(whole.body.begin(),
                                   whole.body.begin() + static_cast<ptrdiff_t>(size));
    const bool no_block = size == 4;
    EXPECT_EQ(ExtendedReportView::Parse({whole.type, whole.count, cut}).has_value(), no_block);
  }
}

TEST(NtpTimeTest, ConvertsBothWays) {
  EXPECT_EQ(ToNtp(absl::UnixEpoch()) >> 32, 2'208'988'800u);
  const absl::Time time = absl::FromUnixNanos(1'700'000'000'123'456'789);
  EXPECT_EQ(FromNtp(ToNtp(time)), time);
  EXPECT_EQ(CompactNtp(0x0123456789abcdef), 0x456789abu);
  EXPECT_EQ(ToCompactNtp(absl::Milliseconds(1500)), 0x18000u);
  EXPECT_EQ(ToCompactNtp(absl::InfiniteDuration()), 0xffffffffu);
  EXPECT_EQ(ToCompactNtp(-absl::Seconds(1)), 0u);
  EXPECT_EQ(FromCompactNtp(0x18000), absl::Milliseconds(1500));
}

TEST(RoundTripTimeTest, IsWhatRemainsOfTheTimeAway) {
  const uint32_t sent = 0xffff0000;  // The clock wraps in between.
  const uint32_t now = sent + ToCompactNtp(absl::Milliseconds(250));
  EXPECT_EQ(RoundTripTime(now, sent, ToCompactNtp(absl::Milliseconds(125))),
            absl::Milliseconds(125));
  EXPECT_EQ(RoundTripTime(now, 0, 0), std::nullopt);
  EXPECT_EQ(RoundTripTime(sent, sent, 10), absl::Milliseconds(1)) << "rounding went below zero";
}

}  // namespace
}  // namespace sfu::rtcp
