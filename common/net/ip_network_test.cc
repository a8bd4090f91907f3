#include "common/net/ip_network.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

bool Contains(const char* network, const char* address) {
  return IpNetwork::Parse(network)->Contains(*SocketAddress::Parse(address, 7));
}

TEST(IpNetworkTest, ContainsWhatSharesItsFirstBits) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(Contains("192.0.2.7/31", "192.0.2.6"));
  EXPECT_FALSE(Contains("192.0.2.7/31", "192.0.2.8"));
  EXPECT_TRUE(Contains("192.0.2.7/32", "192.0.2.7"));
  EXPECT_TRUE(Contains("0.0.0.0/0", "198.51.100.1"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(IpNetworkTest, FamiliesDoNotMix) {
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(Contains("::/0", "192.0.2.1"));
}

TEST(IpNetworkTest, TakesNothingElse) {
  for (const char* text : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                           "10.0.0.0/8x", "::/129", "host/8", "10.0.0/8"}) {
    EXPECT_FALSE(IpNetwork::Parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace sfu
