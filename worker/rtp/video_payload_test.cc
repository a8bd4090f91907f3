#include <vector>

#include <gtest/gtest.h>

#include "worker/rtp/av1_payload.h"
#include "worker/rtp/h264_payload.h"
#include "worker/rtp/h265_payload.h"

namespace sfu::rtp {
namespace {

using Bytes = std::vector<uint8_t>;

template <typename Parser>
void ExpectTruncationsParseOrFailCleanly(const Bytes& payload, size_t shortest_valid) {
  for (size_t size = 0; size < payload.size(); ++size) {
    const Bytes cut(payload.begin(), payload.begin() + static_cast<ptrdiff_t>(size));
    const bool parses = Parser::Parse(cut).has_value();
    EXPECT_TRUE(!parses || size >= shortest_valid) << size;
  }
}

TEST(H264PayloadTest, FindsTheStartOfAKeyFrame) {
  EXPECT_TRUE(H264Payload::Parse(Bytes{0x67, 0x42})->key_frame_start) << "SPS";
  EXPECT_TRUE(H264Payload::Parse(Bytes{0x65, 0x88})->key_frame_start) << "IDR";
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x68, 0x42})->key_frame_start) << "PPS";
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x61, 0x42})->key_frame_start) << "non-IDR";
  EXPECT_TRUE(H264Payload::Parse(Bytes{0x7c, 0x85, 0x11})->key_frame_start) << "FU-A start of IDR";
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x7c, 0x05, 0x11})->key_frame_start) << "FU-A middle";
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x7c, 0x81, 0x11})->key_frame_start) << "FU-A non-IDR";
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x7c, 0x05, 0x11})->nal_start);
}

TEST(H264PayloadTest, WalksAnAggregate) {
  const Bytes aggregate = {0x78, 0, 2, 0x68, 0xce, 0, 1, 0x67};
  EXPECT_TRUE(H264Payload::Parse(aggregate)->key_frame_start);
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x78, 0, 1, 0x68})->key_frame_start);
  ExpectTruncationsParseOrFailCleanly<H264Payload>(aggregate, 5);
  EXPECT_FALSE(H264Payload::Parse(Bytes(aggregate.begin(), aggregate.end() - 1)).has_value());
  EXPECT_FALSE(H264Payload::Parse(Bytes{0x78, 0, 0}).has_value());
}

TEST(H264PayloadTest, RefusesKindsThatWebRtcDoesNotUse) {
  for (const uint8_t type : Bytes{0, 25, 26, 27, 29, 30, 31}) {
    EXPECT_FALSE(H264Payload::Parse(Bytes{type, 0x80, 0, 1, 1, 1}).has_value()) << int{type};
  }
}

TEST(H265PayloadTest, FindsTheStartOfAKeyFrame) {
  const auto single = [](int type) {
    return H265Payload::Parse(Bytes{static_cast<uint8_t>(type << 1), 0x01, 0x00});
  };
  for (const int type : {16, 19, 21, 32, 33, 34}) {
    EXPECT_TRUE(single(type)->key_frame_start) << type;
  }
  for (const int type : {0, 1, 15, 22, 31, 35, 39}) {
    EXPECT_FALSE(single(type)->key_frame_start) << type;
  }
  EXPECT_TRUE(H265Payload::Parse(Bytes{0x62, 0x01, 0x93, 0})->key_frame_start) << "FU start";
  EXPECT_FALSE(H265Payload::Parse(Bytes{0x62, 0x01, 0x13, 0})->key_frame_start) << "FU middle";
  EXPECT_FALSE(H265Payload::Parse(Bytes{0x62, 0x01, 0x13, 0})->nal_start);
}

TEST(H265PayloadTest, ReadsTemporalLayers) {
  EXPECT_EQ(H265Payload::Parse(Bytes{0x02, 0x03, 0x00})->temporal_id, 2);
  EXPECT_TRUE(H265Payload::Parse(Bytes{0x06, 0x02, 0x00})->temporal_switch) << "TSA_R";
  EXPECT_FALSE(H265Payload::Parse(Bytes{0x02, 0x02, 0x00})->temporal_switch) << "TRAIL_R";
  EXPECT_FALSE(H265Payload::Parse(Bytes{0x02, 0x00, 0x00}).has_value()) << "TID+1 is never 0";
}

TEST(H265PayloadTest, WalksAnAggregate) {
  const Bytes aggregate = {0x60, 0x01, 0, 2, 0x4e, 0x01, 0, 3, 0x42, 0x01, 0xaa};
  EXPECT_TRUE(H265Payload::Parse(aggregate)->key_frame_start);
  ExpectTruncationsParseOrFailCleanly<H265Payload>(aggregate, 6);
  EXPECT_FALSE(H265Payload::Parse(Bytes(aggregate.begin(), aggregate.end() - 1)).has_value());
}

TEST(Av1AggregationHeaderTest, ReadsItsFlags) {
  const std::optional<Av1AggregationHeader> av1 = Av1AggregationHeader::Parse(Bytes{0x68, 0x0a});
  ASSERT_TRUE(av1.has_value());
  EXPECT_FALSE(av1->starts_with_continuation);
  EXPECT_TRUE(av1->ends_incomplete);
  EXPECT_EQ(av1->element_count, 2);
  EXPECT_TRUE(av1->new_coded_video_sequence);
}

TEST(Av1AggregationHeaderTest, RefusesAContinuedStart) {
  EXPECT_FALSE(Av1AggregationHeader::Parse(Bytes{0x88, 0x0a}).has_value());
  EXPECT_FALSE(Av1AggregationHeader::Parse(Bytes{0x08}).has_value());
  EXPECT_FALSE(Av1AggregationHeader::Parse(Bytes{}).has_value());
}

}  // namespace
}  // namespace sfu::rtp
