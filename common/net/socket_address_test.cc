#include "common/net/socket_address.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(SocketAddressTest, RoundTripsLiteralsOfBothFamilies) {
  EXPECT_EQ(SocketAddress::Parse("192.0.2.7", 1)->ToWireString(), "192.0.2.7");
  EXPECT_EQ(SocketAddress::Parse("2001:db8::7", 1)->ToWireString(), "2001:db8::7");
  EXPECT_FALSE(SocketAddress::Parse("example.com", 1).has_value());
}

TEST(SocketAddressTest, AMappedAddressEqualsItsIpv4Form) {
  EXPECT_EQ(SocketAddress::Parse("::ffff:192.0.2.7", 9), SocketAddress::Parse("192.0.2.7", 9));
}

TEST(SocketAddressTest, KnowsLoopback) {
  EXPECT_TRUE(SocketAddress::Parse("127.0.0.1", 0)->is_loopback());
  EXPECT_TRUE(SocketAddress::Parse("::1", 0)->is_loopback());
  EXPECT_FALSE(SocketAddress::Parse("2001:db8::1", 0)->is_loopback());
}

}  // namespace
}  // namespace sfu
