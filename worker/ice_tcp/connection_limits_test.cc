#include "worker/ice_tcp/connection_limits.h"

#include <gtest/gtest.h>

namespace sfu::ice_tcp {
namespace {

using Verdict = ConnectionLimits::Verdict;

const SocketAddress kOffice = SocketAddress::V4({192, 0, 2, 7}, 40'000);
const SocketAddress kColleague = SocketAddress::V4({192, 0, 2, 8}, 40'000);
const SocketAddress kHome = SocketAddress::V4({198, 51, 100, 1}, 40'000);

TEST(ConnectionLimitsTest, OneNetworkDoesNotCrowdOutAnother) {
  ConnectionLimits limits({.waiting = 10, .waiting_of_network = 2});
  EXPECT_EQ(limits.Enter(kOffice), Verdict::kAdmitted);
  EXPECT_EQ(limits.Enter(kColleague), Verdict::kAdmitted);
  EXPECT_EQ(limits.Enter(kOffice), Verdict::kTooManyOfNetwork);
  EXPECT_EQ(limits.Enter(kHome), Verdict::kAdmitted);

  limits.Leave(kColleague);
  EXPECT_EQ(limits.Enter(kOffice), Verdict::kAdmitted);
}

TEST(ConnectionLimitsTest, AllTogetherAreBounded) {
  ConnectionLimits limits({.waiting = 2, .waiting_of_network = 2});
  EXPECT_EQ(limits.Enter(kOffice), Verdict::kAdmitted);
  EXPECT_EQ(limits.Enter(kHome), Verdict::kAdmitted);
  EXPECT_EQ(limits.Enter(SocketAddress::V6({0x20, 0x01}, 1)), Verdict::kTooMany);
  limits.Leave(kHome);
  EXPECT_EQ(limits.Enter(SocketAddress::V6({0x20, 0x01}, 1)), Verdict::kAdmitted);
  EXPECT_EQ(limits.waiting(), 2u);
}

}  // namespace
}  // namespace sfu::ice_tcp
