#include "controller/server/options_from_config.h"

#include <limits>

#include <gtest/gtest.h>

namespace sfu::server {
namespace {

TEST(OptionsFromConfigTest, RoomsGetWhatTheConfigurationSays) {
  config::Config config;
  config.region = "here";
  config.room.max_participants = 50;
  config.room.empty_timeout = absl::Seconds(7);
  config.limit.max_metadata_size = 0;
  config.keys = {{"b", "2"}, {"a", "1"}};
  const room::RoomOptions options = RoomOptionsFrom(config, "ND_1");
  EXPECT_EQ(options.max_participants, 50u);
  EXPECT_EQ(options.empty_timeout, absl::Seconds(7));
  EXPECT_EQ(options.limits.metadata_bytes, std::numeric_limits<size_t>::max());
  EXPECT_EQ(options.limits.attributes_bytes, 64u * 1024);
  EXPECT_EQ(options.token_key, "a");
  EXPECT_EQ(options.token_secret, "1");
  EXPECT_EQ(options.server_info.node_id(), "ND_1");
  EXPECT_EQ(options.server_info.region(), "here");
  EXPECT_EQ(options.server_info.protocol(), 17);
  EXPECT_EQ(options.audio_levels.update_interval().nanos(), 400'000'000);
  EXPECT_EQ(options.enabled_codecs.size(), room::DefaultEnabledCodecs().size());
}

TEST(OptionsFromConfigTest, AListOfCodecsReplacesTheDefault) {
  config::Config config;
  config.room.enabled_codecs = {{.mime = "audio/opus", .fmtp_line = ""}};
  const room::RoomOptions options = RoomOptionsFrom(config, "ND_1");
  ASSERT_EQ(options.enabled_codecs.size(), 1u);
  EXPECT_EQ(options.enabled_codecs[0].mime(), "audio/opus");
}

TEST(OptionsFromConfigTest, ClientsAreSentToNoServerThatNobodyNamed) {
  config::Config config;
  EXPECT_TRUE(IceServersFrom(config).empty());
  config.rtc.stun_servers = {"stun.example:3478"};
  ASSERT_EQ(IceServersFrom(config).size(), 1u);
  EXPECT_EQ(IceServersFrom(config)[0].urls(0), "stun:stun.example:3478");
}

}  // namespace
}  // namespace sfu::server
