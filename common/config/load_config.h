#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/random.h"
#include "common/config/config.h"

namespace sfu::config {

// Which program is being started: they share options but not all subcommands, and name themselves.
enum class Program { kAllInOne, kController, kWorker };

// The process's surroundings, so that tests need none.
struct Environment {
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // The content, or nullopt when it cannot be read.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  // Whether "other" has any right to the file (2.3: a key file must not be readable by all).
  std::function<bool(const std::string& path)> others_may_access;

  static Environment OfProcess();
};

// Start the server. `warnings` are for the log, once it exists.
struct RunServer {
  Config config;
  std::vector<std::string> warnings;
};
// Print on standard output and exit with 0: --help, --version, generate-keys, ports.
struct PrintAndExit {
  std::string text;
};
// Print "Token: " and a token for this participant, signed with the first key, and exit with 0.
struct MakeJoinToken {
  Config config;
  std::string room;
  std::string identity;
  bool recorder = false;
};
// Print on standard error and exit with 1. Names the option, its line, and what would be accepted.
struct StartError {
  std::string text;
};
using LoadResult = std::variant<RunServer, PrintAndExit, MakeJoinToken, StartError>;

// Reads the command line (without the program's name) and everything it refers to. Built-in
// defaults give way to YAML, YAML to environment variables, and those to flags.
LoadResult LoadConfig(Program program, const std::vector<std::string>& arguments,
                      const Environment& environment, Random& random);

}  // namespace sfu::config
