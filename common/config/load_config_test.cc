#include "common/config/load_config.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace sfu::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

constexpr char kLongSecret[] = "0123456789abcdef0123456789abcdef";

class LoadConfigTest : public ::testing::Test {
 protected:
  LoadResult Load(const std::vector<std::string>& arguments, Program program = Program::kAllInOne) {
    const Environment environment = {
        .variable = [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::nullopt : std::optional(found->second);
        },
        .read_file = [this](const std::string& path) -> std::optional<std::string> {
          const auto found = files_.find(path);
          return found == files_.end() ? std::nullopt : std::optional(found->second);
        },
        .others_may_access = [this](const std::string&) { return open_to_others_; },
    };
    SeededRandom random(1);
    return LoadConfig(program, arguments, environment, random);
  }

  Config Run(const std::vector<std::string>& arguments, Program program = Program::kAllInOne) {
    LoadResult result = Load(arguments, program);
    if (const auto* error = std::get_if<StartError>(&result)) {
      ADD_FAILURE() << error->text;
      return {};
    }
    warnings_ = std::get<RunServer>(result).warnings;
    return std::get<RunServer>(result).config;
  }

  std::string Error(const std::vector<std::string>& arguments,
                    Program program = Program::kAllInOne) {
    LoadResult result = Load(arguments, program);
    const auto* error = std::get_if<StartError>(&result);
    return error == nullptr ? "" : error->text;
  }

  std::string Printed(const std::vector<std::string>& arguments) {
    LoadResult result = Load(arguments);
    const auto* printed = std::get_if<PrintAndExit>(&result);
    return printed == nullptr ? "" : printed->text;
  }

  std::map<std::string, std::string> variables_ = {
      {"LIVEKIT_KEYS", std::string("key: ") + kLongSecret}};
  std::map<std::string, std::string> files_;
  bool open_to_others_ = false;
  std::vector<std::string> warnings_;
};

TEST_F(LoadConfigTest, RunsOnKeysAlone) {
  const Config config = Run({});
  EXPECT_EQ(config.port, 7880);
  EXPECT_EQ(config.logging.level, "info");
  EXPECT_EQ(config.rtc.MediaPorts(), (PortRange{50000, 60000}));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(LoadConfigTest, FlagBeatsVariableBeatsFileBeatsDefault) {
  files_["f"] = "port: 1\nregion: file\nrtc: {tcp_port: 11}\nroom: {max_participants: 5}\n";
  variables_["LIVEKIT_PORT"] = "2";
  variables_["LIVEKIT_RTC_TCP_PORT"] = "12";
  const Config config = Run({"--config", "f", "--port=3"});
  EXPECT_EQ(config.port, 3);
  EXPECT_EQ(config.rtc.tcp_port, 12);
  EXPECT_EQ(config.region, "file");
  EXPECT_EQ(config.room.max_participants, 5u);
}

TEST_F(LoadConfigTest, TheBodyWinsOverTheFile) {
  files_["f"] = "port: 1\n";
  variables_["LIVEKIT_CONFIG"] = "port: 2\n";
  EXPECT_EQ(Run({"--config", "f"}).port, 2);
  EXPECT_EQ(Run({"--config", "f", "--config-body", "port: 3"}).port, 3);
}

TEST_F(LoadConfigTest, NamedFlagsAndTheirVariables) {
  variables_["UDP_PORT"] = "7882-7884";
  variables_["NODE_IP"] = "192.0.2.1";
  const Config config =
      Run({"--node-ip", "192.0.2.2", "--bind", "127.0.0.1", "--bind", "::1", "--region=here"});
  EXPECT_EQ(config.rtc.MediaPorts(), (PortRange{7882, 7884}));
  EXPECT_EQ(config.rtc.node_ip.v4, "192.0.2.2");
  EXPECT_THAT(config.bind_addresses, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(config.region, "here");
}

TEST_F(LoadConfigTest, TheRangeWinsOverTheSinglePort) {
  EXPECT_EQ(
      Run({"--udp-port", "7882", "--rtc.port_range_start", "8000", "--rtc.port_range_end", "8010"})
          .rtc.MediaPorts(),
      (PortRange{8000, 8010}));
}

TEST_F(LoadConfigTest, TakesWhatHavenWrites) {
  variables_.clear();
  files_["./data/livekit.yaml"] =
      "port: 7880\nrtc:\n  port_range_start: 7882\n  port_range_end: 7892\n"
      "  use_external_ip: false\n  tcp_port: 7881\n"
      "keys:\n  haven_0123456789abcdef: "
      "0123456789012345678901234567890123456789012345678901234567890123\n"
      "logging:\n  level: info\nroom:\n  auto_create: true\n  empty_timeout: 300\n"
      "  max_participants: 50\n";
  const Config config = Run({"--config", "./data/livekit.yaml"});
  EXPECT_EQ(config.rtc.MediaPorts(), (PortRange{7882, 7892}));
  EXPECT_EQ(config.keys.at("haven_0123456789abcdef").size(), 64u);
  EXPECT_EQ(config.room.max_participants, 50u);
}

// --- Development.

TEST_F(LoadConfigTest, DevelopmentNeedsNothing) {
  variables_.clear();
  const Config config = Run({"--dev"});
  EXPECT_TRUE(config.development);
  EXPECT_EQ(config.keys.at("devkey"), "secret");
  EXPECT_THAT(config.bind_addresses, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(config.rtc.MediaPorts(), (PortRange{7882, 7882}));
  EXPECT_EQ(config.logging.level, "debug");
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(LoadConfigTest, DevelopmentWithRealKeysListensWhereTold) {
  variables_["LIVEKIT_KEYS"] = "devkey12345678: devsecret-change-me-in-production";
  const Config config = Run({"--dev", "--bind", "0.0.0.0", "--logging.level", "warn"});
  EXPECT_FALSE(config.placeholder_keys);
  EXPECT_THAT(config.bind_addresses, ElementsAre("0.0.0.0"));
  EXPECT_EQ(config.logging.level, "warn");
  EXPECT_THAT(Run({"--dev"}).bind_addresses, IsEmpty());
}

TEST_F(LoadConfigTest, DevelopmentOnOneAddressKeepsMediaInItsNetwork) {
  variables_.clear();
  EXPECT_THAT(Run({"--dev", "--bind", "192.0.2.7"}).rtc.ips.includes, ElementsAre("192.0.2.7/24"));
  EXPECT_THAT(Run({"--dev", "--bind", "0.0.0.0"}).rtc.ips.includes, IsEmpty());
}

// --- Keys.

TEST_F(LoadConfigTest, NoKeysIsAnErrorThatHelps) {
  variables_.clear();
  EXPECT_THAT(Error({}), HasSubstr("one of key-file or keys must be provided"));
  EXPECT_THAT(Error({"--keys", "nospace:here"}), HasSubstr("Could not parse keys"));
  EXPECT_THAT(Error({"--keys", "key:"}), HasSubstr("one of key-file or keys"));
}

TEST_F(LoadConfigTest, KeysReplaceThoseOfTheFileAndAKeyFileReplacesBoth) {
  files_["f"] = "keys: {a: file}\n";
  EXPECT_EQ(Run({"--config", "f"}).keys.count("a"), 0u);
  files_["/home/u/k"] = "c: third\n";
  variables_["HOME"] = "/home/u";
  const Config config = Run({"--config", "f", "--key-file", "~/k"});
  EXPECT_EQ(config.keys.size(), 1u);
  EXPECT_EQ(config.keys.at("c"), "third");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("secret is too short")));
}

TEST_F(LoadConfigTest, AKeyFileOpenToOthersIsRefused) {
  files_["k"] = "c: third\n";
  open_to_others_ = true;
  EXPECT_THAT(Error({"--key-file", "k"}), HasSubstr("others permissions must be set to 0"));
  EXPECT_THAT(Error({"--key-file", "missing"}), HasSubstr("cannot read"));
}

// --- Complaints.

TEST_F(LoadConfigTest, ComplaintsNameTheirSource) {
  files_["f"] = "prt: 1\n";
  EXPECT_EQ(Error({"--config", "f"}),
            "could not parse config: f: line 1: unknown option \"prt\"; did you mean \"port\"?");
  EXPECT_THAT(Error({"--config", "missing"}), HasSubstr("missing"));
  EXPECT_EQ(Error({"--udp-port", "x"}),
            "--udp-port: rtc.udp_port: \"x\" is not a port such as 7882 or a range such as "
            "7882-7892");
  EXPECT_EQ(Error({"--prt", "1"}), "unknown flag --prt; did you mean --port?");
  EXPECT_EQ(Error({"--port"}), "--port needs a value");
  EXPECT_THAT(Error({"serve"}), HasSubstr("unknown command \"serve\""));
  variables_["LIVEKIT_ROOM_AUTO_CREATE"] = "perhaps";
  EXPECT_EQ(Error({}),
            "LIVEKIT_ROOM_AUTO_CREATE: room.auto_create: \"perhaps\" is not true or false");
}

TEST_F(LoadConfigTest, UnknownOptionsAreWarningsWhenNotStrict) {
  files_["f"] = "turn:\n  loadBalancerAnnotations: {}\n  secretName: s\nprt: 1\n";
  Run({"--config", "f", "--disable-strict-config"});
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("prt")));
}

TEST_F(LoadConfigTest, WarnsOfWhatDoesNotWorkYet) {
  Run({"--redis-host", "localhost:6379", "--turn-cert", "unused"});
  EXPECT_THAT(warnings_,
              ElementsAre("redis.address: not supported yet, so it has no effect (--redis-host)"));
  Run({"--turn.enabled", "--turn.domain", "example.org"});
  EXPECT_EQ(warnings_.size(), 2u);
}

TEST_F(LoadConfigTest, HalvesAreNotEnough) {
  EXPECT_THAT(Error({"--prometheus.username", "u"}), HasSubstr("prometheus.password"));
  EXPECT_THAT(Error({"--rtc.port_range_start", "8000"}), HasSubstr("rtc.port_range_end"));
}

TEST_F(LoadConfigTest, AKubernetesServiceLinkIsNoPort) {
  variables_["LIVEKIT_PORT"] = "tcp://10.0.0.1:7880";
  EXPECT_EQ(Run({}).port, 7880);
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(LoadConfigTest, AControllerNeedsWorkersAndAWorkerNeedsNoKeys) {
  EXPECT_THAT(Error({}, Program::kController), HasSubstr("--worker"));
  EXPECT_THAT(Run({"--worker", "a:1", "--worker", "b:2"}, Program::kController).cluster.workers,
              ElementsAre("a:1", "b:2"));
  variables_.clear();
  EXPECT_EQ(Run({"--listen", "127.0.0.1:9"}, Program::kWorker).cluster.worker_listen,
            "127.0.0.1:9");
}

// --- What is printed.

TEST_F(LoadConfigTest, GeneratesKeysInTheFormTheToolsParse) {
  EXPECT_THAT(Printed({"generate-keys"}),
              MatchesRegex("API Key:  API[0-9A-Za-z]{12}\nAPI Secret:  [0-9A-Za-z]{43}\n"));
}

TEST_F(LoadConfigTest, ListsItsPorts) {
  EXPECT_EQ(Printed({"ports", "--udp-port", "7882-7892"}),
            "TCP Ports\n7880 - HTTP service\n7881 - ICE/TCP\nUDP Ports\n7882-7892 - ICE/UDP\n");
  EXPECT_THAT(Printed({"ports", "--udp-port", "7882"}), HasSubstr("7882 - ICE/UDP\n"));
  EXPECT_THAT(Printed({"ports"}), HasSubstr("50000-60000 - ICE/UDP range\n"));
}

TEST_F(LoadConfigTest, HelpTeaches) {
  const std::string help = Printed({"--help"});
  EXPECT_THAT(help, HasSubstr("generate-keys"));
  EXPECT_THAT(help, HasSubstr("LIVEKIT_KEYS"));
  EXPECT_THAT(help, HasSubstr("livekit-server --dev"));
  EXPECT_THAT(Printed({"-v"}), MatchesRegex("livekit-server version [0-9.]+ .*\n"));
  EXPECT_THAT(Printed({"help-verbose"}), HasSubstr("room.max_participants"));
}

}  // namespace
}  // namespace sfu::config
