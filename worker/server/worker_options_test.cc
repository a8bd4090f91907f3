#include "worker/server/worker_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(WorkerOptionsTest, OneCoreIsLeftToTheRest) {
  const config::Config config;
  EXPECT_EQ(WorkerOptionsFrom(config, 1)->media_threads, 1u);
  EXPECT_EQ(WorkerOptionsFrom(config, 2)->media_threads, 1u);
  EXPECT_EQ(WorkerOptionsFrom(config, 8)->media_threads, 7u);
}

TEST(WorkerOptionsTest, AddressesAndFiltersAreThoseConfigured) {
  config::Config config;
  config.rtc.node_ip = {.v4 = "192.0.2.1", .v6 = "2001:db8::1"};
  config.rtc.interfaces.includes = {"eth0"};
  config.rtc.ips.includes = {"192.0.2.0/24"};
  config.rtc.ips.excludes = {"192.0.2.9/32"};
  config.rtc.additional_host_ips = {"203.0.113.1"};
  const auto options = WorkerOptionsFrom(config, 2);
  ASSERT_TRUE(options.ok());
  EXPECT_THAT(options->addresses.node_addresses, SizeIs(2));
  EXPECT_THAT(options->addresses.include_interfaces, ElementsAre("eth0"));
  EXPECT_THAT(options->addresses.include_networks, SizeIs(1));
  EXPECT_THAT(options->addresses.exclude_networks, SizeIs(1));
  EXPECT_THAT(options->addresses.additional_addresses, SizeIs(1));
}

TEST(WorkerOptionsTest, NobodyIsAskedForAnAddressUnlessWanted) {
  config::Config config;
  config.rtc.stun_servers = {"stun.example:3478"};
  EXPECT_THAT(WorkerOptionsFrom(config, 2)->external_address_servers, IsEmpty());
  config.rtc.use_external_ip = true;
  EXPECT_THAT(WorkerOptionsFrom(config, 2)->external_address_servers,
              ElementsAre("stun.example:3478"));
  config.rtc.stun_servers = {};
  EXPECT_THAT(WorkerOptionsFrom(config, 2)->external_address_servers, IsEmpty());
}

TEST(WorkerOptionsTest, AFailureNamesItsKey) {
  config::Config config;
  config.rtc.additional_host_ips = {"example.org"};
  EXPECT_THAT(std::string(WorkerOptionsFrom(config, 2).status().message()),
              HasSubstr("rtc.additional_host_ips"));
}

}  // namespace
}  // namespace sfu::worker
