#include "worker/media/external_addresses.h"

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::media {
namespace {

using Protocol = ice::HostCandidate::Protocol;
using testing::ElementsAre;

SocketAddress Ip(const char* text) { return *SocketAddress::Parse(text, 0); }

// "udp 192.0.2.1 7882 #0", as text that a failing test prints.
std::vector<std::string> Texts(const std::vector<ice::HostCandidate>& candidates) {
  std::vector<std::string> texts;
  for (const ice::HostCandidate& candidate : candidates) {
    texts.push_back(fmt::format(
        "{} {} {} #{}", candidate.protocol == Protocol::kUdp ? "udp" : "tcp",
        candidate.address.ToWireString(), candidate.address.port(), candidate.preference_rank));
  }
  return texts;
}

class ExternalAddressesTest : public ::testing::Test {
 protected:
  std::vector<std::string> Rewritten(const ExternalAddressRules& rules) {
    return Texts(WithExternalAddresses(candidates_, asked_, external_, rules));
  }

  std::vector<ice::HostCandidate> candidates_ = {
      {Protocol::kUdp, Ip("10.0.0.1").WithPort(7882), 0},
      {Protocol::kUdp, Ip("10.0.0.2").WithPort(7882), 1},
      {Protocol::kUdp, Ip("2001:db8::1").WithPort(7882), 0},
      {Protocol::kTcpPassive, Ip("10.0.0.1").WithPort(7881), 0},
  };
  std::vector<SocketAddress> asked_ = {Ip("10.0.0.1"), Ip("10.0.0.2"), Ip("2001:db8::1")};
  ExternalAddresses external_ = {{Ip("10.0.0.1"), Ip("203.0.113.1")}};
};

TEST_F(ExternalAddressesTest, TakeThePlaceOfTheLocalOnes) {
  EXPECT_THAT(Rewritten({}), ElementsAre("udp 203.0.113.1 7882 #0", "udp 10.0.0.2 7882 #1",
                                         "udp 2001:db8::1 7882 #0", "tcp 203.0.113.1 7881 #0"));
}

TEST_F(ExternalAddressesTest, ExternalOnlyLeavesOutTheRest) {
  EXPECT_THAT(Rewritten({.external_only = true}),
              ElementsAre("udp 203.0.113.1 7882 #0", "tcp 203.0.113.1 7881 #0"));
}

TEST_F(ExternalAddressesTest, ExternalOnlyKeepsWhatWasNotAskedFor) {
  asked_ = {Ip("10.0.0.1"), Ip("10.0.0.2")};
  EXPECT_THAT(
      Rewritten({.external_only = true}),
      ElementsAre("udp 203.0.113.1 7882 #0", "udp 2001:db8::1 7882 #0", "tcp 203.0.113.1 7881 #0"));
}

TEST_F(ExternalAddressesTest, InternalOnesComeBehindTheirExternalOnes) {
  EXPECT_THAT(Rewritten({.external_only = true, .keep_internal = true}),
              ElementsAre("udp 203.0.113.1 7882 #0", "udp 10.0.0.1 7882 #1",
                          "tcp 203.0.113.1 7881 #0", "tcp 10.0.0.1 7881 #1"));
}

TEST_F(ExternalAddressesTest, AddressesSeenAsThemselvesAreOfferedOnce) {
  external_ = {{Ip("10.0.0.1"), Ip("10.0.0.1")}};
  EXPECT_THAT(Rewritten({.external_only = true, .keep_internal = true}),
              ElementsAre("udp 10.0.0.1 7882 #0", "tcp 10.0.0.1 7881 #0"));
}

TEST_F(ExternalAddressesTest, TwoBehindOneAreOfferedOnce) {
  external_ = {{Ip("10.0.0.1"), Ip("203.0.113.1")}, {Ip("10.0.0.2"), Ip("203.0.113.1")}};
  EXPECT_THAT(Rewritten({}), ElementsAre("udp 203.0.113.1 7882 #0", "udp 2001:db8::1 7882 #0",
                                         "tcp 203.0.113.1 7881 #0"));
}

TEST_F(ExternalAddressesTest, NothingKnownLeavesEverything) {
  external_.clear();
  EXPECT_EQ(Rewritten({.external_only = true}), Texts(candidates_));
}

}  // namespace
}  // namespace sfu::media
