#include "common/config/option_table.h"

#include <gtest/gtest.h>

#include "common/config/config_options.h"

namespace sfu::config {
namespace {

class OptionTableTest : public ::testing::Test {
 protected:
  std::string Apply(std::string_view text, bool ignore_unknown = false) {
    const auto document = ReadYaml(text);
    EXPECT_TRUE(document.has_value());
    const auto problem = table_.Apply(*document, ignore_unknown);
    return problem ? problem->text : "";
  }

  Config config_;
  OptionTable table_ = MakeOptionTable(config_);
};

TEST_F(OptionTableTest, SetsWhatIsNamedAndLeavesTheRest) {
  EXPECT_EQ(Apply("port: 7000\nrtc:\n  enable_loopback_candidate: true\nroom:\n"), "");
  EXPECT_EQ(config_.port, 7000);
  EXPECT_TRUE(config_.rtc.enable_loopback_candidate);
  EXPECT_EQ(config_.rtc.tcp_port, 7881);
}

TEST_F(OptionTableTest, AnUnknownNameComesWithItsLineAndItsNeighbour) {
  EXPECT_EQ(Apply("port: 1\nrtc:\n  udp_prt: 7882\n"),
            "line 3: unknown option \"rtc.udp_prt\"; did you mean \"rtc.udp_port\"?");
  EXPECT_EQ(Apply("node_ip: 192.0.2.1\n"),
            "line 1: unknown option \"node_ip\"; did you mean \"rtc.node_ip\"?");
  EXPECT_EQ(Apply("completely_different: 1\n"), "line 1: unknown option \"completely_different\"");
}

TEST_F(OptionTableTest, UnknownNamesCanBeIgnored) {
  EXPECT_EQ(Apply("turn:\n  secretName: x\nport: 7000\n", true), "");
  EXPECT_EQ(config_.port, 7000);
  ASSERT_EQ(table_.unheeded().size(), 1u);
  EXPECT_EQ(table_.unheeded()[0].path, "turn.secretName");
}

TEST_F(OptionTableTest, ABadValueIsAnsweredWithWhatWouldBeAccepted) {
  EXPECT_EQ(Apply("port: 99999\n"), "line 1: port: \"99999\" is not a port from 0 to 65535");
  EXPECT_EQ(Apply("logging: {level: loud}\n"),
            "line 1: logging.level: \"loud\" is not one of debug, info, warn, error");
  EXPECT_EQ(Apply("rtc: 7882\n"),
            "line 1: rtc: \"7882\" is not a section of \"name: value\" lines");
  EXPECT_NE(Apply("rtc: {node_ip: example.org}\n"), "");
  EXPECT_NE(Apply("rtc: {udp_port: 7892-7882}\n"), "");
  EXPECT_NE(Apply("rtc: {ips: {includes: [10.0.0.0/33]}}\n"), "");
  EXPECT_NE(Apply("room: {auto_create: perhaps}\n"), "");
  EXPECT_NE(Apply("room: {empty_timeout: -1}\n"), "");
  EXPECT_NE(Apply("bind_addresses: 0.0.0.0\n"), "");
}

TEST_F(OptionTableTest, ReadsEachTypeOfValue) {
  EXPECT_EQ(Apply("rtc:\n"
                  "  udp_port: 7882-7892\n"
                  "  node_ip: 192.0.2.1, 2001:db8::1\n"
                  "  ips: {includes: [10.0.0.0/8, '2001:db8::/32']}\n"
                  "audio: {update_interval: 500}\n"
                  "room:\n"
                  "  empty_timeout: 60\n"
                  "  enabled_codecs: [{mime: audio/opus}, {mime: video/VP8, fmtp_line: x}]\n"
                  "keys: {k: 0123456789}\n"),
            "");
  EXPECT_EQ(config_.rtc.udp_port, (PortRange{7882, 7892}));
  EXPECT_EQ(config_.rtc.node_ip.v4, "192.0.2.1");
  EXPECT_EQ(config_.rtc.node_ip.v6, "2001:db8::1");
  EXPECT_EQ(config_.rtc.ips.includes.size(), 2u);
  EXPECT_EQ(config_.audio.update_interval, absl::Milliseconds(500));
  EXPECT_EQ(config_.room.empty_timeout, absl::Seconds(60));
  EXPECT_EQ(config_.room.enabled_codecs[1].fmtp_line, "x");
  EXPECT_EQ(config_.keys["k"], "0123456789");
}

TEST_F(OptionTableTest, WhatDoesNotWorkYetIsRememberedUnlessItAsksForNothing) {
  EXPECT_EQ(Apply("redis: {}\nturn: {enabled: false}\nwebhook: {urls: []}\n"), "");
  EXPECT_TRUE(table_.unheeded().empty());
  EXPECT_EQ(Apply("redis: {address: 'localhost:6379'}\nwebhook: {urls: [http://h]}\n"), "");
  ASSERT_EQ(table_.unheeded().size(), 2u);
  EXPECT_EQ(table_.unheeded()[0].path, "redis.address");
  EXPECT_EQ(table_.unheeded()[1].path, "webhook.urls");
}

TEST_F(OptionTableTest, EveryPathIsUniqueAndNoneIsASectionOfAnother) {
  for (const Option& option : table_.options()) {
    int same = 0;
    for (const Option& other : table_.options()) {
      same += other.path == option.path ? 1 : 0;
      EXPECT_FALSE(other.path.starts_with(option.path + ".")) << other.path;
    }
    EXPECT_EQ(same, 1) << option.path;
  }
}

}  // namespace
}  // namespace sfu::config
