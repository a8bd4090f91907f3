#include "worker/sctp/dcep.h"

#include <gtest/gtest.h>

namespace sfu::sctp {
namespace {

ChannelParameters OpenOf(absl::Span<const uint8_t> bytes) {
  const std::optional<DcepMessage> message = ParseDcep(bytes);
  EXPECT_TRUE(message && std::holds_alternative<ChannelParameters>(*message));
  return std::get<ChannelParameters>(*message);
}

// As a browser opens `_lossy`: unordered, no retransmissions.
const std::vector<uint8_t> kLossyOpen = {0x03, 0x81, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                         0x06, 0x00, 0x00, '_',  'l',  'o',  's',  's',  'y'};

TEST(DcepTest, ReadsWhatBrowsersSend) {
  EXPECT_EQ(OpenOf(kLossyOpen),
            (ChannelParameters{.label = "_lossy", .ordered = false, .max_retransmits = 0}));
}

TEST(DcepTest, WritesWhatBrowsersSend) {
  EXPECT_EQ(BuildDcepOpen({.label = "_lossy", .ordered = false, .max_retransmits = 0}), kLossyOpen);
  EXPECT_EQ(BuildDcepAck(), std::vector<uint8_t>{0x02});
}

TEST(DcepTest, EveryKindOfChannelSurvivesTheRoundTrip) {
  for (const bool ordered : {true, false}) {
    for (const ChannelParameters& limits :
         {ChannelParameters{}, ChannelParameters{.max_retransmits = 3},
          ChannelParameters{.max_lifetime_ms = 1000}}) {
      ChannelParameters parameters = limits;
      parameters.label = "label";
      parameters.protocol = "protocol";
      parameters.ordered = ordered;
      parameters.priority = 1024;
      EXPECT_EQ(OpenOf(BuildDcepOpen(parameters)), parameters);
    }
  }
}

TEST(DcepTest, NoTruncationAndNoTrailingByteParses) {
  for (size_t size = 0; size < kLossyOpen.size(); ++size) {
    EXPECT_FALSE(ParseDcep(absl::MakeConstSpan(kLossyOpen).first(size))) << size;
  }
  std::vector<uint8_t> longer = kLossyOpen;
  longer.push_back(0);
  EXPECT_FALSE(ParseDcep(longer));
}

TEST(DcepTest, PaddedAcknowledgementsCount) {
  EXPECT_TRUE(ParseDcep(std::vector<uint8_t>{0x02}));
  EXPECT_TRUE(ParseDcep(std::vector<uint8_t>{0x02, 0, 0, 0}));
}

TEST(DcepTest, UnknownMessagesAndChannelTypesAreRefused) {
  EXPECT_FALSE(ParseDcep(std::vector<uint8_t>{0x04}));
  std::vector<uint8_t> bytes = kLossyOpen;
  bytes[1] = 0x03;
  EXPECT_FALSE(ParseDcep(bytes));
}

TEST(DcepTest, LabelsHaveALimit) {
  std::vector<uint8_t> bytes = BuildDcepOpen({.label = std::string(256, 'x')});
  EXPECT_TRUE(ParseDcep(bytes));
  bytes.push_back('x');
  bytes[9] = 1;  // 257
  EXPECT_FALSE(ParseDcep(bytes));
}

}  // namespace
}  // namespace sfu::sctp
