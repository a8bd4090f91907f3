#include "controller/negotiation/candidate_init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::negotiation {
namespace {

using testing::HasSubstr;

constexpr std::string_view kCandidate = "candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host";

TEST(CandidateInitTest, Trap23_WritesTextMidAndIntegerIndex) {
  const std::string json = WriteCandidateInit({std::string(kCandidate), "0", 0, ""});

  EXPECT_THAT(json, HasSubstr(R"("sdpMid":"0")"));
  EXPECT_THAT(json, HasSubstr(R"("sdpMLineIndex":0)"));
  EXPECT_THAT(json, HasSubstr(R"("candidate":"candidate:1 1 udp)"));
}

TEST(CandidateInitDeathTest, Trap23_RefusesAnEmptyCandidate) {
  EXPECT_DEATH((void)WriteCandidateInit({"", "0", 0, ""}), "check failed");
}

TEST(CandidateInitTest, ReadsWhatItWrites) {
  const auto init = ParseCandidateInit(WriteCandidateInit({std::string(kCandidate), "a", 3, "uf"}));

  ASSERT_TRUE(init);
  EXPECT_EQ(init->candidate, kCandidate);
  EXPECT_EQ(init->sdp_mid, "a");
  EXPECT_EQ(init->sdp_mline_index, 3);
  EXPECT_EQ(init->username_fragment, "uf");
}

TEST(CandidateInitTest, ToleratesAbsentAndNullFields) {
  const auto init = ParseCandidateInit(R"({"candidate":"","sdpMid":null,"extra":[1]})");

  ASSERT_TRUE(init);
  EXPECT_EQ(init->candidate, "");
  EXPECT_EQ(init->sdp_mid, "");
}

TEST(CandidateInitTest, RefusesWhatIsNoCandidateInit) {
  EXPECT_FALSE(ParseCandidateInit(""));
  EXPECT_FALSE(ParseCandidateInit("[]"));
  EXPECT_FALSE(ParseCandidateInit("{"));
  EXPECT_FALSE(ParseCandidateInit(R"({"candidate":5})"));
  EXPECT_FALSE(ParseCandidateInit(R"({"sdpMLineIndex":"0"})"));
  EXPECT_FALSE(ParseCandidateInit(R"({"sdpMLineIndex":-1})"));
  EXPECT_FALSE(ParseCandidateInit(R"({"candidate":")" + std::string(5000, 'x') + "\"}"));
}

TEST(CandidateTextTest, WritesUdpAndPassiveTcp) {
  worker::v1::Candidate candidate;
  candidate.set_foundation("1");
  candidate.set_ip("192.0.2.1");
  candidate.set_port(7882);
  candidate.set_priority(2130706431);
  EXPECT_EQ(CandidateText(candidate), kCandidate);

  candidate.set_tcp(true);
  candidate.set_ip("2001:db8::1");
  candidate.set_port(7881);
  candidate.set_priority(1671430143);
  EXPECT_EQ(CandidateText(candidate),
            "candidate:1 1 tcp 1671430143 2001:db8::1 7881 typ host tcptype passive");
}

}  // namespace
}  // namespace sfu::negotiation
