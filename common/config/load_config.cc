#include "common/config/load_config.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "common/config/api_keys.h"
#include "common/config/cluster_options.h"
#include "common/config/command_line.h"
#include "common/config/config_options.h"
#include "common/config/help_text.h"
#include "common/config/version.h"
#include "common/config/yaml_reader.h"
#include "common/net/socket_address.h"

namespace sfu::config {
namespace {

using Failure = std::optional<StartError>;

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kMinSecretBytes = 32;

// Puts one configuration together, step by step; the first step that fails ends it.
class Loader {
 public:
  Loader(Program program, const Environment& environment)
      : program_(program), environment_(environment), table_(MakeOptionTable(config_)) {
    config_.logging.level.clear();  // Until everything is read: "not set".
  }

  Failure Load(const CommandLine& line) {
    for (const auto step : {&Loader::ApplyYaml, &Loader::ApplyVariables, &Loader::ApplyFlags,
                            &Loader::ApplyKeys, &Loader::CheckTogether}) {
      if (Failure failure = (this->*step)(line)) {
        return failure;
      }
    }
    ApplyDevelopment(line);
    if (config_.logging.level.empty()) {
      config_.logging.level = config_.development ? "debug" : "info";
    }
    CollectWarnings(line);
    return std::nullopt;
  }

  // What running needs beyond what printing ports does: these two.
  Failure CheckKeys() const {
    if (program_ != Program::kWorker && config_.keys.empty() && keys_dropped_ > 0) {
      return StartError{
          "one of key-file or keys must be provided: those given are no text. A secret of digits "
          "only wants quotes: LIVEKIT_KEYS='key: \"0123\"'"};
    }
    if (program_ != Program::kWorker && config_.keys.empty()) {
      return StartError{
          "one of key-file or keys must be provided\n"
          "  for a first try: livekit-server --dev\n"
          "  for real: livekit-server generate-keys, then keys: in the configuration, or "
          "LIVEKIT_KEYS=\"key: secret\""};
    }
    return std::nullopt;
  }
  Failure CheckWorkers() const {
    if (const std::optional<std::string> problem = CheckClusterOptions(config_)) {
      return StartError{*problem};
    }
    if (program_ == Program::kController && config_.cluster.workers.empty()) {
      return StartError{"no worker given: use --worker host:port or cluster.workers"};
    }
    return std::nullopt;
  }

  OptionTable& table() { return table_; }
  Config& config() { return config_; }
  std::vector<std::string>& warnings() { return warnings_; }

 private:
  Failure ApplyYaml(const CommandLine& line) {
    std::optional<std::string> body = line.Value("config-body");
    std::string origin = "--config-body";
    if (!body) {
      body = Variable("LIVEKIT_CONFIG");
      origin = "LIVEKIT_CONFIG";
    }
    if (const std::optional<std::string> file = line.Value("config"); !body && file) {
      body = environment_.read_file(*file);
      origin = *file;
      if (!body) {
        return StartError{fmt::format("cannot read the configuration {}", *file)};
      }
    }
    if (!body) {
      return std::nullopt;
    }
    const Expected<YamlNode, YamlProblem> document = ReadYaml(*body);
    if (!document) {
      return StartError{fmt::format("could not parse config: {}: line {}: {}", origin,
                                    document.error().line, document.error().text)};
    }
    if (auto problem = table_.Apply(*document, line.Has("disable-strict-config"))) {
      return StartError{fmt::format("could not parse config: {}: {}", origin, problem->text)};
    }
    return std::nullopt;
  }

  Failure ApplyVariables(const CommandLine&) {
    for (const Option& option : table_.options()) {
      if (!option.scalar) {
        continue;
      }
      const std::string name = option.VariableName();
      const std::optional<std::string> value = Variable(name);
      if (!value) {
        continue;
      }
      // Kubernetes sets LIVEKIT_PORT=tcp://10.0.0.1:7880 beside a service named "livekit".
      if (value->starts_with("tcp://") || value->starts_with("udp://")) {
        warnings_.push_back(fmt::format("{}: ignored, it is a Kubernetes service link", name));
        continue;
      }
      if (Failure failure = SetOption(option, *value, name)) {
        return failure;
      }
    }
    for (const NamedFlag& flag : NamedFlags(program_)) {
      const std::optional<std::string> value = Variable(std::string(flag.variable));
      if (value && !flag.path.empty()) {
        if (Failure failure = SetOption(*table_.Find(flag.path), *value, flag.variable)) {
          return failure;
        }
      }
    }
    return std::nullopt;
  }

  Failure ApplyFlags(const CommandLine& line) {
    for (const auto& [option, value] : line.generated) {
      if (Failure failure = SetOption(*option, value, "--" + option->path)) {
        return failure;
      }
    }
    std::vector<const NamedFlag*> lists;
    for (const auto& [flag, value] : line.named) {
      if (flag->kind == NamedFlag::Kind::kRepeatable) {
        if (std::find(lists.begin(), lists.end(), flag) == lists.end()) {
          lists.push_back(flag);
        }
      } else if (!flag->path.empty()) {
        if (Failure failure =
                SetOption(*table_.Find(flag->path), value, fmt::format("--{}", flag->name))) {
          return failure;
        }
      }
    }
    for (const NamedFlag* flag : lists) {
      if (Failure failure = ApplyList(line, *flag)) {
        return failure;
      }
    }
    return std::nullopt;
  }

  Failure ApplyList(const CommandLine& line, const NamedFlag& repeated) {
    YamlNode list;
    list.kind = YamlNode::Kind::kList;
    for (const auto& [flag, value] : line.named) {
      if (flag == &repeated) {
        list.items.push_back(YamlNode::Scalar(value));
      }
    }
    if (const auto accepted = table_.Find(repeated.path)->set(list)) {
      return StartError{fmt::format("--{}: expected {}", repeated.name, *accepted)};
    }
    return std::nullopt;
  }

  // Section 2.3 of the operations contract.
  Failure ApplyKeys(const CommandLine& line) {
    std::optional<std::string> text = line.Value("keys");
    if (!text) {
      text = Variable("LIVEKIT_KEYS");
    }
    if (text) {
      Expected<ApiKeys, NotKeys> keys = ReadApiKeys(*text, BareNumbers::kAreDropped);
      if (!keys) {
        return StartError{
            "Could not parse keys, it needs to be exactly, \"key: secret\", including the space"};
      }
      config_.keys = std::move(keys->keys);
      keys_dropped_ = keys->dropped.size();
    }
    if (!config_.key_file.empty()) {
      const std::string path = Expand(config_.key_file);
      const std::optional<std::string> content = environment_.read_file(path);
      if (!content) {
        return StartError{fmt::format("cannot read the key file {}", path)};
      }
      if (environment_.others_may_access(path)) {
        return StartError{
            fmt::format("key file others permissions must be set to 0 (chmod o= {})", path)};
      }
      Expected<ApiKeys, NotKeys> keys = ReadApiKeys(*content, BareNumbers::kAreText);
      if (!keys) {
        return StartError{
            fmt::format("key file {}: it must consist of \"key: secret\" lines", path)};
      }
      config_.keys = std::move(keys->keys);
      keys_dropped_ = keys->dropped.size();
    }
    for (const auto& [key, secret] : config_.keys) {
      if (key.empty() || secret.empty()) {
        return StartError{fmt::format("keys: the key \"{}\" has no secret", key)};
      }
    }
    return std::nullopt;
  }

  // What needs more than one option to be seen.
  Failure CheckTogether(const CommandLine&) {
    const bool halved = config_.prometheus.username.empty() != config_.prometheus.password.empty();
    if (halved) {
      return StartError{"prometheus.username and prometheus.password go together: set both"};
    }
    if ((config_.rtc.port_range_start == 0) != (config_.rtc.port_range_end == 0) ||
        config_.rtc.port_range_end < config_.rtc.port_range_start) {
      return StartError{
          "could not validate RTC config: rtc.port_range_start and rtc.port_range_end go together, "
          "the first not above the second"};
    }
    if (config_.tls.cert_file.empty() != config_.tls.key_file.empty()) {
      return StartError{"tls.cert_file and tls.key_file go together: set both"};
    }
    return std::nullopt;
  }

  // Section 1.3 of the operations contract.
  void ApplyDevelopment(const CommandLine& line) {
    config_.development |= line.Has("dev");
    if (!config_.development) {
      return;
    }
    if (config_.rtc.udp_port.empty() && config_.rtc.port_range_start == 0) {
      config_.rtc.udp_port = {.first = 7882, .last = 7882};
    }
    if (!config_.keys.empty() || program_ == Program::kWorker) {
      return;
    }
    config_.keys = {{"devkey", "secret"}};
    config_.placeholder_keys = true;
    if (config_.bind_addresses.empty()) {
      // Well-known keys must not be reachable from elsewhere without somebody's wish.
      config_.bind_addresses = {"127.0.0.1", "::1"};
      return;
    }
    const bool specific = std::all_of(
        config_.bind_addresses.begin(), config_.bind_addresses.end(), [](const std::string& ip) {
          const std::optional<SocketAddress> address = SocketAddress::Parse(ip, 0);
          return address && !address->is_loopback() && ip != "0.0.0.0" && ip != "::";
        });
    if (specific) {
      for (const std::string& ip : config_.bind_addresses) {
        config_.rtc.ips.includes.push_back(ip + "/24");
      }
    }
  }

  void CollectWarnings(const CommandLine& line) {
    const auto unheeded = [this](std::string_view path) {
      return std::any_of(table_.unheeded().begin(), table_.unheeded().end(),
                         [path](const auto& entry) { return entry.path == path; });
    };
    for (const OptionTable::Unheeded& entry : table_.unheeded()) {
      // Without turn.enabled the rest of the section asks for nothing.
      if (entry.path.starts_with("turn.") && !unheeded("turn.enabled")) {
        continue;
      }
      warnings_.push_back(fmt::format("{}: {}", entry.path, entry.text));
    }
    const Rtc& rtc = config_.rtc;
    if (rtc.use_external_ip && rtc.stun_servers.empty() && rtc.node_ip.v4.empty() &&
        rtc.node_ip.v6.empty()) {
      warnings_.push_back(
          "rtc.use_external_ip: no STUN server is asked that rtc.stun_servers does not name, so "
          "clients are told this machine's own addresses; behind a NAT or in a container set "
          "rtc.node_ip to the public address, or name a server in rtc.stun_servers");
    }
    if (keys_dropped_ > 0) {
      warnings_.push_back(
          fmt::format("{} of the given keys ignored: a secret must be text, and one of digits only "
                      "wants quotes",
                      keys_dropped_));
    }
    for (const std::string_view profile : {"cpuprofile", "memprofile"}) {
      if (line.Has(profile)) {
        warnings_.push_back(
            fmt::format("--{}: has no effect: use perf, heaptrack or the like", profile));
      }
    }
    if (config_.placeholder_keys) {
      warnings_.push_back(
          "no keys given: using the placeholder key \"devkey\" with secret \"secret\"");
    }
    // Which one it is, said without its name: warnings go to the log.
    size_t number = 0;
    for (const auto& [key, secret] : config_.keys) {
      ++number;
      if (!config_.development && secret.size() < kMinSecretBytes) {
        warnings_.push_back(
            fmt::format("secret is too short, should be at least {} characters for security "
                        "(API key {} of {}, in alphabetical order)",
                        kMinSecretBytes, number, config_.keys.size()));
      }
    }
  }

  Failure SetOption(const Option& option, std::string_view value, std::string_view origin) {
    if (auto problem = table_.Set(option, value, origin)) {
      return StartError{std::move(problem->text)};
    }
    return std::nullopt;
  }

  std::optional<std::string> Variable(const std::string& name) const {
    std::optional<std::string> value = name.empty() ? std::nullopt : environment_.variable(name);
    return value && !value->empty() ? value : std::nullopt;
  }

  // `~` and environment variables, as key_file alone may have them.
  std::string Expand(std::string_view path) const {
    std::string expanded;
    if (path.starts_with("~/") || path == "~") {
      expanded = Variable("HOME").value_or("~");
      path.remove_prefix(1);
    }
    while (!path.empty()) {
      if (path.front() != '$') {
        expanded += path.front();
        path.remove_prefix(1);
        continue;
      }
      path.remove_prefix(1);
      const bool braced = path.starts_with('{');
      path.remove_prefix(braced ? 1 : 0);
      size_t length = 0;
      while (length < path.size() &&
             (std::isalnum(static_cast<unsigned char>(path[length])) != 0 || path[length] == '_')) {
        ++length;
      }
      expanded += Variable(std::string(path.substr(0, length))).value_or("");
      path.remove_prefix(length);
      path.remove_prefix(braced && path.starts_with('}') ? 1 : 0);
    }
    return expanded;
  }

  const Program program_;
  const Environment& environment_;
  Config config_;
  OptionTable table_;
  std::vector<std::string> warnings_;
  size_t keys_dropped_ = 0;
};

constexpr std::string_view kJoinTokenCommand = "create-join-token";

// Flags that only one command knows.
Failure CheckJoinTokenFlags(const CommandLine& line) {
  if (line.command == kJoinTokenCommand) {
    return line.Has("room") && line.Has("identity")
               ? Failure()
               : StartError{"create-join-token needs --room NAME and --identity NAME"};
  }
  for (const std::string_view name : {"room", "identity", "recorder"}) {
    if (line.Has(name)) {
      return StartError{fmt::format("--{} belongs to the command create-join-token", name)};
    }
  }
  return std::nullopt;
}

std::string GenerateKeys(Random& random) {
  // 43 digits of base 62 carry 256 bits.
  return fmt::format("API Key:  API{}\nAPI Secret:  {}\n", random.NextText(12, kBase62),
                     random.NextText(43, kBase62));
}

std::string VersionText(Program program) {
  return fmt::format("{} version {} (as LiveKit {})\n", ProgramName(program), kVersion,
                     kCompatibleVersion);
}

}  // namespace

PortRange Rtc::MediaPorts() const {
  if (port_range_start != 0 && port_range_end != 0) {
    return {.first = port_range_start, .last = port_range_end};
  }
  if (!udp_port.empty()) {
    return udp_port;
  }
  return {.first = 50000, .last = 60000};
}

Environment Environment::OfProcess() {
  return {
      .variable = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      },
      .read_file = [](const std::string& path) -> std::optional<std::string> {
        std::ifstream file(path, std::ios::binary);
        std::ostringstream content;
        if (!file || !(content << file.rdbuf())) {
          return file ? std::optional<std::string>("") : std::nullopt;
        }
        return content.str();
      },
      .others_may_access =
          [](const std::string& path) {
            struct stat status{};
            return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0;
          },
  };
}

LoadResult LoadConfig(Program program, const std::vector<std::string>& arguments,
                      const Environment& environment, Random& random) {
  Loader loader(program, environment);
  const Expected<CommandLine, std::string> line =
      ParseCommandLine(arguments, program, loader.table());
  if (!line) {
    return StartError{line.error()};
  }
  if (line->version) {
    return PrintAndExit{VersionText(program)};
  }
  if (line->help || line->command == "help") {
    return PrintAndExit{HelpText(program)};
  }
  if (line->command == "help-verbose") {
    return PrintAndExit{VerboseHelpText(program, loader.table())};
  }
  if (line->command == "generate-keys") {
    return PrintAndExit{GenerateKeys(random)};
  }
  const bool makes_token = line->command == kJoinTokenCommand && program != Program::kWorker;
  if (!line->command.empty() && line->command != "ports" && !makes_token) {
    return StartError{fmt::format(
        "unknown command \"{}\"; there are generate-keys, ports and help-verbose", line->command)};
  }
  if (Failure failure = CheckJoinTokenFlags(*line)) {
    return *std::move(failure);
  }
  if (Failure failure = loader.Load(*line)) {
    return *std::move(failure);
  }
  if (line->command == "ports") {
    return PrintAndExit{PortsText(loader.config())};
  }
  if (Failure failure = loader.CheckKeys()) {
    return *std::move(failure);
  }
  if (makes_token) {
    return MakeJoinToken{.config = std::move(loader.config()),
                         .room = *line->Value("room"),
                         .identity = *line->Value("identity"),
                         .recorder = line->Has("recorder")};
  }
  if (Failure failure = loader.CheckWorkers()) {
    return *std::move(failure);
  }
  return RunServer{.config = std::move(loader.config()), .warnings = std::move(loader.warnings())};
}

}  // namespace sfu::config
