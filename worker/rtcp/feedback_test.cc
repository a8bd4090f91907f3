#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/rtcp/full_intra_request.h"
#include "worker/rtcp/nack.h"
#include "worker/rtcp/picture_loss.h"
#include "worker/rtcp/remb.h"
#include "worker/rtcp/rtcp_test_support.h"

namespace sfu::rtcp {
namespace {

using ::testing::ElementsAre;

std::vector<SequenceNumber> Sequences(const std::vector<uint16_t>& values) {
  std::vector<SequenceNumber> sequences;
  for (const uint16_t value : values) {
    sequences.emplace_back(value);
  }
  return sequences;
}

std::vector<uint16_t> Requested(const std::vector<uint8_t>& bytes) {
  std::vector<uint16_t> requested;
  const std::optional<NackView> nack = NackView::Parse(Only(bytes));
  EXPECT_TRUE(nack.has_value());
  nack->ForEach([&](SequenceNumber sequence) { requested.push_back(sequence.value()); });
  return requested;
}

TEST(NackTest, PacksNumbersIntoItems) {
  const std::vector<SequenceNumber> missing = Sequences({10, 11, 13, 27});
  const std::vector<uint8_t> bytes = Written([&](ByteWriter& out) {
    EXPECT_EQ(WriteNack(out, Ssrc(0x11111111), Ssrc(0x22222222), missing), 4u);
  });
  EXPECT_THAT(bytes, ElementsAre(0x81, 205, 0, 4, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22, 0,
                                 10, 0x00, 0x05, 0, 27, 0x00, 0x00));
  EXPECT_THAT(Requested(bytes), ElementsAre(10, 11, 13, 27));
}

TEST(NackTest, PacksAcrossTheWrap) {
  const std::vector<SequenceNumber> missing = Sequences({65535, 0});
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteNack(out, Ssrc(1), Ssrc(2), missing); });
  EXPECT_THAT(absl::MakeConstSpan(bytes).subspan(12), ElementsAre(0xff, 0xff, 0x00, 0x01));
  EXPECT_THAT(Requested(bytes), ElementsAre(65535, 0));
}

TEST(NackTest, TakesAsManyAsFit) {
  std::vector<SequenceNumber> missing;
  for (uint16_t i = 0; i < 100; ++i) {
    missing.emplace_back(static_cast<uint16_t>(20 * i));
  }
  const std::vector<uint8_t> full = Written([&](ByteWriter& out) {
    EXPECT_EQ(WriteNack(out, Ssrc(1), Ssrc(2), missing), kMaxNackItems);
  });
  EXPECT_EQ(full.size(), kMaxNackSize);
  EXPECT_EQ(Requested(full).size(), kMaxNackItems);
  Written([&](ByteWriter& out) { EXPECT_EQ(WriteNack(out, Ssrc(1), Ssrc(2), missing), 1u); }, 19);
  Written([&](ByteWriter& out) { EXPECT_EQ(WriteNack(out, Ssrc(1), Ssrc(2), missing), 0u); }, 15);
  Written([&](ByteWriter& out) { EXPECT_EQ(WriteNack(out, Ssrc(1), Ssrc(2), {}), 0u); });
}

TEST(NackTest, RejectsEveryTruncationOfAnItem) {
  const std::vector<SequenceNumber> missing = Sequences({10});
  ExpectTruncationsFail<NackView>(
      Written([&](ByteWriter& out) { WriteNack(out, Ssrc(1), Ssrc(2), missing); }), 12);
}

TEST(PictureLossTest, IsReadBackAsWritten) {
  const std::vector<uint8_t> bytes = Written([](ByteWriter& out) {
    WritePictureLoss(out, {.sender = Ssrc(1), .media = Ssrc(0x01020304)});
  });
  EXPECT_THAT(bytes, ElementsAre(0x81, 206, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4));
  EXPECT_EQ(PictureLoss::Parse(Only(bytes))->media, Ssrc(0x01020304));
  EXPECT_FALSE(FullIntraRequestView::Parse(Only(bytes)).has_value());
  EXPECT_FALSE(RembView::Parse(Only(bytes)).has_value());
  ExpectTruncationsFail<PictureLoss>(bytes, 8);
}

TEST(FullIntraRequestTest, IsReadBackAsWritten) {
  const std::vector<uint8_t> bytes = Written([](ByteWriter& out) {
    WriteFullIntraRequest(out, Ssrc(1), {.media = Ssrc(2), .sequence = 200});
  });
  EXPECT_THAT(bytes,
              ElementsAre(0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 200, 0, 0, 0));
  const std::optional<FullIntraRequestView> read = FullIntraRequestView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sender(), Ssrc(1));
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ((*read)[0].media, Ssrc(2));
  EXPECT_EQ((*read)[0].sequence, 200);
  ExpectTruncationsFail<FullIntraRequestView>(bytes, 16);
}

TEST(RembTest, WritesOneMegabitAsTheVector) {
  const std::vector<Ssrc> ssrcs = {Ssrc(7), Ssrc(8)};
  const std::vector<uint8_t> bytes =
      Written([&](ByteWriter& out) { WriteRemb(out, Ssrc(1), 1'000'000, ssrcs); });
  EXPECT_EQ(bytes.size(), RembSize(2));
  EXPECT_THAT(absl::MakeConstSpan(bytes).subspan(12, 8),
              ElementsAre('R', 'E', 'M', 'B', 2, 0x0b, 0xd0, 0x90));

  const std::optional<RembView> read = RembView::Parse(Only(bytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->bits_per_second(), 1'000'000u);
  ASSERT_EQ(read->ssrc_count(), 2u);
  EXPECT_EQ(read->ssrc(1), Ssrc(8));
  ExpectTruncationsFail<RembView>(bytes, 24);
}

TEST(RembTest, HoldsEveryRateThatFits64Bits) {
  for (const uint64_t rate : {uint64_t{0}, uint64_t{262'143}, uint64_t{262'144}, UINT64_MAX}) {
    const std::vector<uint8_t> bytes =
        Written([&](ByteWriter& out) { WriteRemb(out, Ssrc(1), rate, {}); });
    const uint64_t read = RembView::Parse(Only(bytes))->bits_per_second();
    EXPECT_LE(read, rate);
    EXPECT_LE(rate - read, rate >> 17);
  }
  std::vector<uint8_t> overflow = Written([&](ByteWriter& out) { WriteRemb(out, Ssrc(1), 1, {}); });
  overflow[17] = 0xff;  // Exponent 63, mantissa with more than one bit.
  EXPECT_FALSE(RembView::Parse(Only(overflow)).has_value());
}

TEST(RembTest, IsNotAnyApplicationFeedback) {
  std::vector<uint8_t> bytes = Written([&](ByteWriter& out) { WriteRemb(out, Ssrc(1), 1, {}); });
  bytes[12] = 'X';
  EXPECT_FALSE(RembView::Parse(Only(bytes)).has_value());
}

}  // namespace
}  // namespace sfu::rtcp
