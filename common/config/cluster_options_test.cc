#include "common/config/cluster_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ClusterOptionsTest : public ::testing::Test {
 protected:
  ClusterOptionsTest() { AddClusterOptions(table_, config_); }

  std::string Apply(std::string_view yaml) {
    const auto problem = table_.Apply(*ReadYaml(yaml), false);
    return problem ? problem->text : "";
  }

  Config config_;
  OptionTable table_;
};

TEST_F(ClusterOptionsTest, ReadsEveryKeyOfRedis) {
  EXPECT_FALSE(config_.redis.is_configured());
  ASSERT_EQ(Apply("redis:\n"
                  "  address: redis:6379\n"
                  "  username: me\n"
                  "  password: '0123'\n"
                  "  db: 3\n"
                  "  use_tls: true\n"
                  "  tls: {enabled: true, insecure: true, server_name: r, ca_cert_file: a,\n"
                  "        client_cert_file: b, client_key_file: c}\n"
                  "  sentinel_master_name: haven\n"
                  "  sentinel_username: s\n"
                  "  sentinel_password: t\n"
                  "  sentinel_addresses: [s1, s2]\n"
                  "  dial_timeout: 100\n"
                  "  read_timeout: 200\n"
                  "  write_timeout: 300\n"),
            "");
  const Redis& redis = config_.redis;
  EXPECT_TRUE(redis.is_configured());
  EXPECT_EQ(redis.address, "redis:6379");
  EXPECT_EQ(redis.username, "me");
  EXPECT_EQ(redis.password, "0123");
  EXPECT_EQ(redis.db, 3u);
  EXPECT_TRUE(redis.use_tls && redis.tls.enabled && redis.tls.insecure);
  EXPECT_EQ(redis.tls.server_name, "r");
  EXPECT_EQ(redis.tls.ca_cert_file, "a");
  EXPECT_EQ(redis.tls.client_cert_file, "b");
  EXPECT_EQ(redis.tls.client_key_file, "c");
  EXPECT_EQ(redis.sentinel_master_name, "haven");
  EXPECT_EQ(redis.sentinel_username, "s");
  EXPECT_EQ(redis.sentinel_password, "t");
  EXPECT_THAT(redis.sentinel_addresses, ElementsAre("s1", "s2"));
  EXPECT_EQ(redis.dial_timeout, absl::Milliseconds(100));
  EXPECT_EQ(redis.read_timeout, absl::Milliseconds(200));
  EXPECT_EQ(redis.write_timeout, absl::Milliseconds(300));
}

TEST_F(ClusterOptionsTest, ReadsTheSelector) {
  ASSERT_EQ(Apply("node_selector:\n"
                  "  kind: regionaware\n"
                  "  sort_by: bytespersec\n"
                  "  algorithm: twochoice\n"
                  "  cpu_load_limit: 0.5\n"
                  "  sysload_limit: 2\n"
                  "  regions: [{name: us, lat: 37.64, lon: -120.99}]\n"
                  "node_stats: {stats_update_interval: 500ms}\n"),
            "");
  const NodeSelector& selector = config_.node_selector;
  EXPECT_EQ(selector.kind, "regionaware");
  EXPECT_EQ(selector.sort_by, "bytespersec");
  EXPECT_EQ(selector.algorithm, "twochoice");
  EXPECT_EQ(selector.cpu_load_limit, 0.5);
  EXPECT_EQ(selector.sysload_limit, 2);
  ASSERT_EQ(selector.regions.size(), 1u);
  EXPECT_EQ(selector.regions[0].name, "us");
  EXPECT_EQ(selector.regions[0].latitude_degrees, 37.64);
  EXPECT_EQ(selector.regions[0].longitude_degrees, -120.99);
  EXPECT_EQ(config_.node_stats.stats_update_interval, absl::Milliseconds(500));
}

TEST_F(ClusterOptionsTest, MistakesAreToldWithWhatIsAccepted) {
  EXPECT_THAT(Apply("node_selector: {kind: best}"),
              HasSubstr("any, cpuload, sysload, regionaware"));
  EXPECT_THAT(Apply("node_selector: {sort_by: load}"), HasSubstr("random, sysload, cpuload"));
  EXPECT_THAT(Apply("node_selector: {algorithm: best}"), HasSubstr("lowest, twochoice"));
  EXPECT_THAT(Apply("node_selector: {cpu_load_limit: 90}"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(Apply("node_selector: {cpu_load_limit: nan}"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(Apply("redis: {db: -1}"), HasSubstr("redis.db"));
  EXPECT_THAT(Apply("redis: {read_timeout: 3s}"), HasSubstr("a number of milliseconds"));
  EXPECT_THAT(Apply("node_stats: {stats_update_interval: 5s}"), HasSubstr("100ms to 2500ms"));
  for (const char* regions :
       {"us", "[us]", "[{name: us, lat: 1}]", "[{name: us, lat: 91, lon: 0}]",
        "[{name: us, lat: 0, lon: 181}]", "[{name: us, lat: x, lon: 0}]",
        "[{name: '', lat: 0, lon: 0}]", "[{name: us, lat: 0, lon: 0, zone: 1}]",
        "[{name: us, lat: 0, zone: 1}]"}) {
    EXPECT_THAT(Apply(std::string("node_selector: {regions: ") + regions + "}"),
                HasSubstr("a list of entries"))
        << regions;
  }
}

TEST_F(ClusterOptionsTest, ARegionAwareNodeMustKnowWhereItIs) {
  config_.node_selector.regions = {{"us", 1, 2}, {"eu", 3, 4}};
  EXPECT_EQ(CheckClusterOptions(config_), std::nullopt);
  config_.node_selector.kind = "regionaware";
  EXPECT_THAT(CheckClusterOptions(config_).value_or(""), HasSubstr("region is \"\""));
  config_.region = "asia";
  EXPECT_THAT(CheckClusterOptions(config_).value_or(""), HasSubstr("\"asia\""));
  config_.region = "eu";
  EXPECT_EQ(CheckClusterOptions(config_), std::nullopt);
}

}  // namespace
}  // namespace sfu::config
