#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/expected.h"
#include "common/config/load_config.h"
#include "common/config/option_table.h"

// For common/config only.
namespace sfu::config {

// A flag with a name of its own, in addition to the `--<path>` that every scalar option has.
struct NamedFlag {
  enum class Kind { kSwitch, kValue, kRepeatable };

  std::string_view name;
  Kind kind = Kind::kValue;
  std::string_view variable;  // Environment variable that does the same; may be empty.
  std::string_view path;      // The option it sets; empty for flags that are about the start.
  std::string_view argument;  // As shown in the help.
  std::string_view help;      // Empty: not shown.
};

const std::vector<NamedFlag>& NamedFlags(Program program);

// The command line, split but not yet believed.
struct CommandLine {
  std::string command;  // The word that is no flag; empty means: run the server.
  bool help = false;
  bool version = false;
  std::vector<std::pair<const NamedFlag*, std::string>> named;   // In order given.
  std::vector<std::pair<const Option*, std::string>> generated;  // --<path>.

  bool Has(std::string_view name) const;
  std::optional<std::string> Value(std::string_view name) const;  // The last one given.
};

// `--name value`, `--name=value`, and a single dash for either. The error is for the operator.
Expected<CommandLine, std::string> ParseCommandLine(const std::vector<std::string>& arguments,
                                                    Program program, const OptionTable& table);

}  // namespace sfu::config
