#include "common/config/command_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/config/edit_distance.h"

namespace sfu::config {
namespace {

using Kind = NamedFlag::Kind;

std::vector<NamedFlag> CommonFlags() {
  return {
      {"config", Kind::kValue, "", "", "FILE", "YAML configuration"},
      {"config-body", Kind::kValue, "LIVEKIT_CONFIG", "", "YAML",
       "the configuration itself; wins over --config"},
      {"keys", Kind::kValue, "LIVEKIT_KEYS", "", "\"KEY: SECRET\"",
       "API keys; several on lines of their own"},
      {"key-file", Kind::kValue, "", "key_file", "FILE",
       "the same in a file that only its owner may read"},
      {"dev", Kind::kSwitch, "", "", "",
       "development: key \"devkey\", secret \"secret\", this machine only"},
      {"bind", Kind::kRepeatable, "", "bind_addresses", "IP",
       "address to listen on (repeatable); default: all"},
      {"node-ip", Kind::kValue, "NODE_IP", "rtc.node_ip", "IP",
       "address clients send media to; v4, v6 or v4,v6"},
      {"udp-port", Kind::kValue, "UDP_PORT", "rtc.udp_port", "PORTS",
       "UDP port for media, or a range a-b"},
      {"region", Kind::kValue, "LIVEKIT_REGION", "region", "NAME", "where this node is"},
      {"redis-host", Kind::kValue, "REDIS_HOST", "redis.address", "", ""},
      {"redis-password", Kind::kValue, "REDIS_PASSWORD", "redis.password", "", ""},
      {"turn-cert", Kind::kValue, "LIVEKIT_TURN_CERT", "turn.cert_file", "", ""},
      {"turn-key", Kind::kValue, "LIVEKIT_TURN_KEY", "turn.key_file", "", ""},
      {"cpuprofile", Kind::kValue, "", "", "", ""},
      {"memprofile", Kind::kValue, "", "", "", ""},
      {"disable-strict-config", Kind::kSwitch, "", "", "",
       "ignore options in the configuration that do not exist"},
  };
}

std::vector<NamedFlag> MakeFlags(Program program) {
  std::vector<NamedFlag> flags = CommonFlags();
  if (program != Program::kWorker) {  // Of create-join-token.
    flags.push_back({"room", Kind::kValue, "", "", "", ""});
    flags.push_back({"identity", Kind::kValue, "", "", "", ""});
    flags.push_back({"recorder", Kind::kSwitch, "", "", "", ""});
  }
  if (program == Program::kController) {
    flags.push_back({"worker", Kind::kRepeatable, "", "cluster.workers", "HOST:PORT",
                     "a worker to place rooms on (repeatable)"});
  }
  if (program == Program::kWorker) {
    flags.push_back({"listen", Kind::kValue, "", "cluster.worker_listen", "HOST:PORT",
                     "where controllers reach this worker"});
  }
  return flags;
}

// What may have been meant; empty when nothing comes near.
std::string SimilarFlag(std::string_view name, const std::vector<NamedFlag>& flags,
                        const OptionTable& table) {
  for (const NamedFlag& flag : flags) {
    if (EditDistance(name, flag.name) <= 2) {
      return std::string(flag.name);
    }
  }
  const Option* option = table.Find(table.Nearest(name));
  return option != nullptr && option->scalar ? option->path : std::string();
}

}  // namespace

const std::vector<NamedFlag>& NamedFlags(Program program) {
  static const std::vector<NamedFlag> all_in_one = MakeFlags(Program::kAllInOne);
  static const std::vector<NamedFlag> controller = MakeFlags(Program::kController);
  static const std::vector<NamedFlag> worker = MakeFlags(Program::kWorker);
  switch (program) {
    case Program::kController:
      return controller;
    case Program::kWorker:
      return worker;
    case Program::kAllInOne:
      break;
  }
  return all_in_one;
}

bool CommandLine::Has(std::string_view name) const { return Value(name).has_value(); }

std::optional<std::string> CommandLine::Value(std::string_view name) const {
  std::optional<std::string> value;
  for (const auto& [flag, text] : named) {
    if (flag->name == name) {
      value = text;
    }
  }
  return value;
}

Expected<CommandLine, std::string> ParseCommandLine(const std::vector<std::string>& arguments,
                                                    Program program, const OptionTable& table) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (!argument.starts_with('-') || argument == "-") {
      if (!line.command.empty()) {
        return Unexpected{fmt::format("unexpected argument \"{}\"; see --help", argument)};
      }
      line.command = std::string(argument);
      continue;
    }
    argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
    const size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string_view::npos) {
      value = std::string(argument.substr(equals + 1));
    }

    if (name == "help" || name == "h") {
      line.help = true;
      continue;
    }
    if (name == "version" || name == "v") {
      line.version = true;
      continue;
    }

    const std::vector<NamedFlag>& flags = NamedFlags(program);
    const auto flag = std::find_if(flags.begin(), flags.end(), [name](const NamedFlag& candidate) {
      return candidate.name == name;
    });
    const Option* option = table.Find(name);
    const bool is_named = flag != flags.end();
    if (!is_named && (option == nullptr || !option->scalar)) {
      const std::string similar = SimilarFlag(name, flags, table);
      return Unexpected{fmt::format("unknown flag --{}{}", name,
                                    similar.empty()
                                        ? std::string("; see --help")
                                        : fmt::format("; did you mean --{}?", similar))};
    }
    if (!value && (is_named ? flag->kind == Kind::kSwitch : option->boolean)) {
      value = "true";
    }
    if (!value) {
      if (i + 1 == arguments.size()) {
        return Unexpected{fmt::format("--{} needs a value", name)};
      }
      value = arguments[++i];
    }
    if (is_named) {
      line.named.emplace_back(&*flag, *std::move(value));
    } else {
      line.generated.emplace_back(option, *std::move(value));
    }
  }
  return line;
}

}  // namespace sfu::config
