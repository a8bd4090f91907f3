#include "worker/ice/candidate.h"

#include <gtest/gtest.h>

namespace sfu::ice {
namespace {

const SocketAddress kAddress = SocketAddress::V4({192, 0, 2, 7}, 7882);

TEST(CandidateTest, FirstUdpCandidateHasTheHighestHostPriority) {
  EXPECT_EQ(CandidatePriority({.address = kAddress}), 2'130'706'431u);
}

TEST(CandidateTest, FurtherUdpAddressesRankBelow) {
  EXPECT_EQ(CandidatePriority({.address = kAddress, .preference_rank = 1}), 2'130'706'431u - 256);
}

TEST(CandidateTest, PassiveTcpIsWhatClientsKnowAndBelowEveryUdp) {
  EXPECT_EQ(
      CandidatePriority({.protocol = HostCandidate::Protocol::kTcpPassive, .address = kAddress}),
      1'671'430'143u);
}

TEST(CandidateTest, FoundationDependsOnIpAndProtocolOnly) {
  const std::string foundation = CandidateFoundation({.address = kAddress});
  EXPECT_EQ(foundation, CandidateFoundation({.address = kAddress.WithPort(9)}));
  EXPECT_EQ(foundation, CandidateFoundation({.address = kAddress, .preference_rank = 3}));
  EXPECT_NE(foundation, CandidateFoundation({.address = SocketAddress::V4({192, 0, 2, 8}, 7882)}));
  EXPECT_NE(foundation, CandidateFoundation({.protocol = HostCandidate::Protocol::kTcpPassive,
                                             .address = kAddress}));
  EXPECT_LE(foundation.size(), 32u);
  EXPECT_EQ(foundation.find_first_not_of("0123456789"), std::string::npos);
}

TEST(CandidateTest, WritesTheAttributeClientsParse) {
  const HostCandidate udp = {.address = kAddress};
  EXPECT_EQ(CandidateAttribute(udp),
            "candidate:" + CandidateFoundation(udp) + " 1 udp 2130706431 192.0.2.7 7882 typ host");
  const HostCandidate tcp = {.protocol = HostCandidate::Protocol::kTcpPassive,
                             .address = *SocketAddress::Parse("2001:db8::7", 7881)};
  EXPECT_EQ(CandidateAttribute(tcp), "candidate:" + CandidateFoundation(tcp) +
                                         " 1 tcp 1671430143 2001:db8::7 7881 typ host"
                                         " tcptype passive");
}

}  // namespace
}  // namespace sfu::ice
