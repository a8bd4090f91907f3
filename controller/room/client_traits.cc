#include "controller/room/client_traits.h"

#include <string>
#include <utility>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

namespace sfu::room {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

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
  const std::vector<std::string> parts = absl::StrSplit(client.browser_version(), '.');
  int parsed_major = 0;
  int parsed_minor = 0;
  if (!absl::SimpleAtoi(parts[0], &parsed_major)) {
    return false;
  }
  if (parts.size() > 1 && !absl::SimpleAtoi(parts[1], &parsed_minor)) {
    parsed_minor = 0;
  }
  return std::pair(parsed_major, parsed_minor) > std::pair(major, minor);
}

bool NeedsSingleCodecAnswer(const livekit::ClientInfo& client) {
  return IsFirefox(client) && (RunsOn(client, "linux") || RunsOn(client, "android"));
}

}  // namespace sfu::room
