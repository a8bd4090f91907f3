#include "controller/room/client_traits.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

namespace sfu::room {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// Dotted numbers; zeros for what is not there or is no number.
std::array<int, 3> ParseVersion(const std::string& text) {
  std::array<int, 3> version = {};
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  for (size_t i = 0; i < version.size() && i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &version[i])) {
      version[i] = 0;
    }
  }
  return version;
}

}  // namespace

bool IsFirefox(const livekit::ClientInfo& client) {
  return absl::StartsWithIgnoreCase(client.browser(), "firefox");
}

bool IsSafari(const livekit::ClientInfo& client) {
  return absl::EqualsIgnoreCase(client.browser(), "safari") ||
         absl::EqualsIgnoreCase(client.browser(), "mobile safari");
}

bool RunsOn(const livekit::ClientInfo& client, std::string_view os) {
  return absl::EqualsIgnoreCase(client.os(), View(os));
}

bool BrowserIsNewerThan(const livekit::ClientInfo& client, int major, int minor) {
  const std::array<int, 3> version = ParseVersion(client.browser_version());
  return std::pair(version[0], version[1]) > std::pair(major, minor);
}

bool CanResume(const livekit::ClientInfo& client) {
  constexpr std::array<int, 3> kFirst = {1, 6, 3};
  return client.sdk() != livekit::ClientInfo::JS || client.version().empty() ||
         ParseVersion(client.version()) >= kFirst;
}

bool NeedsSingleCodecAnswer(const livekit::ClientInfo& client) {
  return IsFirefox(client) && (RunsOn(client, "linux") || RunsOn(client, "android"));
}

}  // namespace sfu::room
