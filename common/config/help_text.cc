#include "common/config/help_text.h"

#include <iterator>

#include <fmt/format.h>

#include "common/config/command_line.h"
#include "common/config/version.h"

namespace sfu::config {
namespace {

std::string_view Purpose(Program program) {
  switch (program) {
    case Program::kAllInOne:
      return "LiveKit-compatible media server, everything in one process";
    case Program::kController:
      return "signaling and API half of a LiveKit-compatible media cluster";
    case Program::kWorker:
      return "media half of a LiveKit-compatible media cluster";
  }
  return "";
}

std::string_view FirstSteps(Program program) {
  switch (program) {
    case Program::kAllInOne:
      return R"(
Try it:
  livekit-server --dev             then open http://localhost:7880/try

Run it:
  livekit-server generate-keys     a key and a secret for tokens
  livekit-server --config FILE     with, at the least, in FILE:
      keys:
        APIxxxxxxxxxxxx: the secret
      rtc:
        udp_port: 7882             media of all clients; open it in the firewall
        node_ip: 192.0.2.1         this server's public address
  livekit-server ports --config FILE   what else to open

Browsers want wss://. Put a proxy with a certificate in front (docs/haven-on-one-vps.md), or name one:
      tls:
        cert_file: /etc/letsencrypt/live/example.org/fullchain.pem
        key_file: /etc/letsencrypt/live/example.org/privkey.pem
)";
    case Program::kController:
      return R"(
Run it:
  sfu-controller --config FILE --worker media-1:7885 --worker media-2:7885
)";
    case Program::kWorker:
      return R"(
Run it:
  sfu-worker --listen 0.0.0.0:7885 --node-ip 192.0.2.1 --udp-port 7882
)";
  }
  return "";
}

constexpr std::string_view kCommands = R"(
Commands (none: run the server):
  generate-keys      print a new API key and secret
  ports              print the ports that this configuration uses
  help-verbose       print every option of the configuration
)";

constexpr std::string_view kPrecedence = R"(
A flag wins over its environment variable, that one over the configuration, and the configuration
over the default. Every option of the configuration that is a single value is also a flag
(--rtc.tcp_port 7881) and a variable (LIVEKIT_RTC_TCP_PORT). Logs go to standard error.

Exit code: 0 after a stop by signal, 1 when the start failed; the reason is on standard error.
On SIGTERM, SIGINT or SIGQUIT no new room begins, and the server ends when the last participant has
left: at once when there is none, and after shutdown.drain_timeout if that is set. A second signal
ends it at once. Clients are told to leave.
)";

}  // namespace

std::string ProgramName(Program program) {
  switch (program) {
    case Program::kController:
      return "sfu-controller";
    case Program::kWorker:
      return "sfu-worker";
    case Program::kAllInOne:
      break;
  }
  return "livekit-server";
}

std::string HelpText(Program program) {
  std::string text = fmt::format("{} {}: {}\n\nUsage: {} [COMMAND] [FLAGS]\n", ProgramName(program),
                                 kVersion, Purpose(program), ProgramName(program));
  text += FirstSteps(program);
  text += kCommands;
  text += "\nFlags:\n";
  for (const NamedFlag& flag : NamedFlags(program)) {
    if (flag.help.empty()) {
      continue;
    }
    const std::string left = fmt::format("--{} {}", flag.name, flag.argument);
    fmt::format_to(std::back_inserter(text), "  {:<24}{}{}\n", left, flag.help,
                   flag.variable.empty() ? std::string() : fmt::format(" [${}]", flag.variable));
  }
  text += fmt::format("  {:<24}{}\n  {:<24}{}\n", "--help", "this text", "--version",
                      "name and version");
  text += kPrecedence;
  return text;
}

std::string VerboseHelpText(Program program, const OptionTable& table) {
  std::string text = HelpText(program);
  text += "\nOptions of the configuration:\n";
  for (const Option& option : table.options()) {
    if (option.support == Support::kHonoured && !option.help.empty()) {
      fmt::format_to(std::back_inserter(text), "  {:<34}{}\n", option.path, option.help);
    }
  }
  text += "\nUnderstood, but without effect so far (a warning says so at the start):\n";
  for (const Option& option : table.options()) {
    if (option.support == Support::kNotYet) {
      fmt::format_to(std::back_inserter(text), "  {}\n", option.path);
    }
  }
  return text;
}

std::string PortsText(const Config& config) {
  std::string text = fmt::format("TCP Ports\n{} - HTTP service\n", config.port);
  if (config.rtc.tcp_port != 0) {
    text += fmt::format("{} - ICE/TCP\n", config.rtc.tcp_port);
  }
  if (config.prometheus.port != 0) {
    text += fmt::format("{} - metrics\n", config.prometheus.port);
  }
  const PortRange media = config.rtc.MediaPorts();
  const bool is_range = config.rtc.port_range_start != 0 || config.rtc.udp_port.empty();
  text += "UDP Ports\n";
  if (media.first == media.last) {
    text += fmt::format("{} - ICE/UDP\n", media.first);
  } else {
    text += fmt::format("{}-{} - ICE/UDP{}\n", media.first, media.last, is_range ? " range" : "");
  }
  return text;
}

}  // namespace sfu::config
