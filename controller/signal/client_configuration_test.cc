#include "controller/signal/client_configuration.h"

#include <gtest/gtest.h>

namespace sfu::signal {
namespace {

livekit::ClientInfo Browser(std::string_view name, std::string_view version, std::string_view os) {
  livekit::ClientInfo client;
  client.set_browser(std::string(name));
  client.set_browser_version(std::string(version));
  client.set_os(std::string(os));
  return client;
}

TEST(ClientConfigurationTest, ChromeIsLeftAlone) {
  EXPECT_FALSE(ClientConfigurationFor(Browser("Chrome", "126", "Windows")).has_disabled_codecs());
}

TEST(ClientConfigurationTest, SafariHasNoAv1) {
  const auto configuration = ClientConfigurationFor(Browser("Safari", "18.3", "macOS"));
  ASSERT_EQ(configuration.disabled_codecs().codecs_size(), 1);
  EXPECT_EQ(configuration.disabled_codecs().codecs(0).mime(), "video/AV1");
  EXPECT_EQ(configuration.disabled_codecs().publish_size(), 0);
}

TEST(ClientConfigurationTest, NewSafariDoesNotPublishVp9) {
  for (const char* version : {"18.4", "18.10", "19", "26.0.1"}) {
    const auto configuration = ClientConfigurationFor(Browser("Safari", version, "macOS"));
    ASSERT_EQ(configuration.disabled_codecs().publish_size(), 1) << version;
    EXPECT_EQ(configuration.disabled_codecs().publish(0).mime(), "video/VP9");
  }
}

TEST(ClientConfigurationTest, FirefoxPublishesH264OnlyWhereItWorks) {
  EXPECT_EQ(ClientConfigurationFor(Browser("Firefox", "126", "Linux"))
                .disabled_codecs()
                .publish(0)
                .mime(),
            "video/H264");
  EXPECT_FALSE(ClientConfigurationFor(Browser("Firefox", "126", "Windows")).has_disabled_codecs());
}

TEST(ClientConfigurationTest, StrangeVersionsAreNoReason) {
  const auto configuration = ClientConfigurationFor(Browser("Safari", "latest", "macOS"));
  EXPECT_EQ(configuration.disabled_codecs().publish_size(), 0);
}

}  // namespace
}  // namespace sfu::signal
