#include "worker/media/local_addresses.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::media {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SocketAddress Ip(const char* text) { return *SocketAddress::Parse(text, 0); }

const std::vector<InterfaceAddress>& Machine() {
  static const auto* const interfaces = new std::vector<InterfaceAddress>{
      {"lo", Ip("127.0.0.1")},      {"eth0", Ip("192.0.2.10")}, {"eth1", Ip("198.51.100.10")},
      {"eth0", Ip("2001:db8::10")}, {"lo", Ip("::1")},
  };
  return *interfaces;
}

// "local>advertised,advertised" for each, as text that a failing test prints.
std::vector<std::string> Selected(const AddressOptions& options) {
  const auto selected = SelectAddresses(Machine(), options);
  if (!selected.ok()) {
    return {"error"};
  }
  std::vector<std::string> lines;
  for (const BindAddress& address : *selected) {
    std::string line = address.local.ToWireString() + ">";
    for (const SocketAddress& advertised : address.advertised) {
      line += (line.back() == '>' ? "" : ",") + advertised.ToWireString();
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(LocalAddressesTest, EveryAddressButLoopbackByDefault) {
  EXPECT_THAT(Selected({}), ElementsAre("192.0.2.10>192.0.2.10", "198.51.100.10>198.51.100.10",
                                        "2001:db8::10>2001:db8::10"));
}

TEST(LocalAddressesTest, ALocalNodeAddressIsTheOnlyOneOfItsFamily) {
  EXPECT_THAT(Selected({.node_addresses = {Ip("198.51.100.10")}}),
              ElementsAre("198.51.100.10>198.51.100.10", "2001:db8::10>2001:db8::10"));
}

TEST(LocalAddressesTest, AForeignNodeAddressStandsForThoseBehindTheNat) {
  EXPECT_THAT(Selected({.node_addresses = {Ip("203.0.113.5")}, .use_ipv6 = false}),
              ElementsAre("192.0.2.10>203.0.113.5", "198.51.100.10>"));
}

TEST(LocalAddressesTest, LoopbackWhenIncludedComesLast) {
  EXPECT_THAT(
      Selected({.include_loopback = true, .use_ipv6 = false}),
      ElementsAre("192.0.2.10>192.0.2.10", "198.51.100.10>198.51.100.10", "127.0.0.1>127.0.0.1"));
}

TEST(LocalAddressesTest, LoopbackAloneWhenNamed) {
  EXPECT_THAT(Selected({.node_addresses = {Ip("127.0.0.1")}, .use_ipv6 = false}),
              ElementsAre("127.0.0.1>127.0.0.1"));
  EXPECT_THAT(
      Selected({.node_addresses = {Ip("127.0.0.1")}, .include_loopback = true, .use_ipv6 = false}),
      ElementsAre("127.0.0.1>127.0.0.1"));
}

TEST(LocalAddressesTest, InterfaceFilters) {
  EXPECT_THAT(Selected({.include_interfaces = {"eth1"}}),
              ElementsAre("198.51.100.10>198.51.100.10"));
  EXPECT_THAT(Selected({.exclude_interfaces = {"eth0"}}),
              ElementsAre("198.51.100.10>198.51.100.10"));
}

TEST(LocalAddressesTest, LoopbackWhereThereIsNothingElse) {
  const auto selected = SelectAddresses({{"lo", Ip("127.0.0.1")}}, {});
  ASSERT_TRUE(selected.ok());
  EXPECT_EQ(selected->front().local, Ip("127.0.0.1"));
}

TEST(LocalAddressesTest, NetworkFilters) {
  EXPECT_THAT(Selected({.include_networks = {*IpNetwork::Parse("192.0.2.0/24")}}),
              ElementsAre("192.0.2.10>192.0.2.10"));
  EXPECT_THAT(Selected({.exclude_networks = {*IpNetwork::Parse("192.0.2.0/24"),
                                             *IpNetwork::Parse("2001:db8::/32")}}),
              ElementsAre("198.51.100.10>198.51.100.10"));
  EXPECT_THAT(Selected({.include_networks = {*IpNetwork::Parse("192.0.2.0/24")},
                        .exclude_networks = {*IpNetwork::Parse("192.0.2.10/32")}}),
              ElementsAre("error"));
}

TEST(LocalAddressesTest, AdditionalAddressesComeOnTop) {
  EXPECT_THAT(
      Selected({.additional_addresses = {Ip("203.0.113.5"), Ip("203.0.113.6"), Ip("198.51.100.10"),
                                         Ip("2001:db8:1::1")}}),
      ElementsAre("192.0.2.10>192.0.2.10,203.0.113.5,203.0.113.6", "198.51.100.10>198.51.100.10",
                  "2001:db8::10>2001:db8::10,2001:db8:1::1"));
  EXPECT_THAT(Selected({.additional_addresses = {Ip("2001:db8:1::1")}, .use_ipv6 = false}),
              ElementsAre("error"));
}

TEST(LocalAddressesTest, NothingLeftIsAnError) {
  EXPECT_THAT(Selected({.include_interfaces = {"wlan0"}}), ElementsAre("error"));
}

TEST(LocalAddressesTest, ThisMachineHasLoopback) {
  const auto interfaces = EnumerateInterfaceAddresses();
  ASSERT_TRUE(interfaces.ok());
  bool loopback = false;
  for (const InterfaceAddress& entry : *interfaces) {
    loopback |= entry.address.is_loopback();
  }
  EXPECT_TRUE(loopback);
}

}  // namespace
}  // namespace sfu::media
