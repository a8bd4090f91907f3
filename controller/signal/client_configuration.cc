#include "controller/signal/client_configuration.h"

#include <absl/strings/match.h>

#include "controller/room/client_traits.h"

namespace sfu::signal {
namespace {

// A phone that announces H264 encoders which produce nothing usable.
constexpr absl::string_view kPhoneWithoutH264 = "Xiaomi 2201117TI";

}  // namespace

livekit::ClientConfiguration ClientConfigurationFor(const livekit::ClientInfo& client) {
  livekit::ClientConfiguration configuration;
  if (room::IsSafari(client)) {
    configuration.mutable_disabled_codecs()->add_codecs()->set_mime("video/AV1");
    if (room::BrowserIsNewerThan(client, 18, 3)) {
      configuration.mutable_disabled_codecs()->add_publish()->set_mime("video/VP9");
    }
  }
  const bool firefox_without_h264 =
      room::IsFirefox(client) && (room::RunsOn(client, "linux") || room::RunsOn(client, "android"));
  if (firefox_without_h264 || absl::EqualsIgnoreCase(client.device_model(), kPhoneWithoutH264)) {
    configuration.mutable_disabled_codecs()->add_publish()->set_mime("video/H264");
  }
  return configuration;
}

}  // namespace sfu::signal
