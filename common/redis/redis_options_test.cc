#include "common/redis/redis_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::redis {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const config::Redis& config) {
  const absl::StatusOr<RedisOptions> options = RedisOptionsFrom(config);
  return options.ok() ? "" : std::string(options.status().message());
}

TEST(EndpointTest, ReadsWhatOperatorsWrite) {
  EXPECT_EQ(*Endpoint::Parse("redis:1234", 6379), (Endpoint{"redis", 1234, ""}));
  EXPECT_EQ(*Endpoint::Parse("redis", 6379), (Endpoint{"redis", 6379, ""}));
  EXPECT_EQ(*Endpoint::Parse("[::1]:1234", 6379), (Endpoint{"::1", 1234, ""}));
  EXPECT_EQ(*Endpoint::Parse("[::1]", 6379), (Endpoint{"::1", 6379, ""}));
  EXPECT_EQ(*Endpoint::Parse("/run/redis.sock", 6379), (Endpoint{"", 0, "/run/redis.sock"}));
  for (const char* text : {"redis:1234", "[::1]:1234", "/run/redis.sock"}) {
    EXPECT_EQ(Endpoint::Parse(text, 1)->ToText(), text);
  }
}

TEST(EndpointTest, RefusesTheRest) {
  for (const char* text :
       {"", ":6379", "redis:", "redis:0", "redis:65536", "redis:x", "redis:1x", "::1", "::1:6379",
        "[::1", "[::1]x", "[::1]:", "[]:1", "redis://redis:6379"}) {
    EXPECT_FALSE(Endpoint::Parse(text, 6379).ok()) << text;
  }
}

TEST(RedisOptionsTest, SentinelsComeBeforeClusterBeforeAddress) {
  config::Redis config;
  config.address = "redis:1";
  EXPECT_EQ(RedisOptionsFrom(config)->server.host, "redis");
  config.cluster_addresses = {"a:1"};
  EXPECT_THAT(ErrorOf(config), HasSubstr("Redis Cluster is not supported"));
  config.sentinel_master_name = "mymaster";
  EXPECT_THAT(ErrorOf(config), HasSubstr("redis.sentinel_addresses"));
  config.sentinel_addresses = {"s1", "s2:5"};
  const RedisOptions options = *RedisOptionsFrom(config);
  EXPECT_EQ(options.sentinels[0].port, 26379);
  EXPECT_EQ(options.sentinels[1].port, 5);
}

TEST(RedisOptionsTest, MistakesNameTheirKey) {
  EXPECT_THAT(ErrorOf({.address = "redis:x"}), HasSubstr("redis.address: \"redis:x\""));
  EXPECT_THAT(ErrorOf({.sentinel_addresses = {"s"}}), HasSubstr("redis.sentinel_master_name"));
  EXPECT_THAT(ErrorOf({.address = "r", .username = "me"}), HasSubstr("redis.password"));
  EXPECT_THAT(ErrorOf({.address = "r", .tls = {.client_cert_file = "f"}}),
              HasSubstr("redis.tls.client_key_file"));
}

TEST(RedisOptionsTest, TlsByEitherKey) {
  EXPECT_FALSE(RedisOptionsFrom({.address = "r"})->tls.enabled);
  EXPECT_TRUE(RedisOptionsFrom({.address = "r", .use_tls = true})->tls.enabled);
  EXPECT_TRUE(RedisOptionsFrom({.address = "r", .tls = {.enabled = true}})->tls.enabled);
  EXPECT_TRUE(RedisOptionsFrom({.address = "r", .use_tls = true})->tls.verify);
}

TEST(RedisOptionsTest, TimesHaveDefaults) {
  const RedisOptions options = *RedisOptionsFrom({.address = "r"});
  EXPECT_EQ(options.command_timeout, absl::Seconds(2));
  EXPECT_EQ(options.stall_limit, absl::Seconds(4));
  EXPECT_EQ(
      RedisOptionsFrom({.address = "r", .read_timeout = absl::Milliseconds(300)})->command_timeout,
      absl::Milliseconds(300));
}

}  // namespace
}  // namespace sfu::redis
