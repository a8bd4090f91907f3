#include "controller/signal/user_agent.h"

#include <algorithm>
#include <string>

namespace sfu::signal {
namespace {

struct Name {
  std::string_view token;  // In the header.
  std::string_view name;
};

// Browsers claim to be others as well, so the order matters: the most specific first.
constexpr Name kBrowsers[] = {
    {"Edg/", "Edge"},     {"OPR/", "Opera"},     {"FxiOS/", "Firefox"},  {"Firefox/", "Firefox"},
    {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"},
};
constexpr Name kSystems[] = {
    {"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iOS"},
    {"iPad", "iOS"},        {"Mac OS X", "macOS"},  {"Linux", "Linux"},
};

bool HasBrowser(livekit::ClientInfo::SDK sdk) {
  return sdk == livekit::ClientInfo::JS || sdk == livekit::ClientInfo::REACT_NATIVE ||
         sdk == livekit::ClientInfo::FLUTTER || sdk == livekit::ClientInfo::UNITY ||
         sdk == livekit::ClientInfo::UNKNOWN;
}

void FillBrowser(std::string_view user_agent, livekit::ClientInfo& client) {
  for (const Name& browser : kBrowsers) {
    const size_t found = user_agent.find(browser.token);
    if (found == std::string_view::npos) {
      continue;
    }
    std::string_view version = user_agent.substr(found + browser.token.size());
    version = version.substr(0, std::min(version.find_first_not_of("0123456789."), size_t{32}));
    client.set_browser(std::string(browser.name));
    if (client.browser_version().empty()) {
      client.set_browser_version(std::string(version));
    }
    return;
  }
}

}  // namespace

void FillFromUserAgent(std::string_view user_agent, livekit::ClientInfo& client) {
  if (!HasBrowser(client.sdk())) {
    return;
  }
  if (client.browser().empty()) {
    FillBrowser(user_agent, client);
  }
  for (const Name& system : kSystems) {
    if (client.os().empty() && user_agent.find(system.token) != std::string_view::npos) {
      client.set_os(std::string(system.name));
    }
  }
}

}  // namespace sfu::signal
