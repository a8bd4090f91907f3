#include "worker/transport/ingress_policer.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::transport {
namespace {

TEST(IngressPolicerTest, BoundsPacketsPerSecond) {
  SimulatedClock clock;
  IngressPolicer policer({.rtp_packets_per_second = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(policer.AllowRtp(clock.Now(), 100));
  }
  EXPECT_FALSE(policer.AllowRtp(clock.Now(), 100));

  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE(policer.AllowRtp(clock.Now(), 100));
}

TEST(IngressPolicerTest, BoundsBytesPerSecond) {
  SimulatedClock clock;
  IngressPolicer policer({.rtp_bytes_per_second = 1000});
  EXPECT_TRUE(policer.AllowRtp(clock.Now(), 900));
  EXPECT_FALSE(policer.AllowRtp(clock.Now(), 101));
  EXPECT_TRUE(policer.AllowRtp(clock.Now(), 100));
}

TEST(IngressPolicerTest, RtcpAndRtpDoNotDisplaceEachOther) {
  SimulatedClock clock;
  IngressPolicer policer({.rtp_packets_per_second = 1, .rtcp_packets_per_second = 1});
  EXPECT_TRUE(policer.AllowRtcp(clock.Now()));
  EXPECT_FALSE(policer.AllowRtcp(clock.Now()));
  EXPECT_TRUE(policer.AllowRtp(clock.Now(), 1));
}

}  // namespace
}  // namespace sfu::transport
