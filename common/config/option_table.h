#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/yaml_reader.h"

namespace sfu::config {

// What giving an option a value does.
enum class Support {
  kHonoured,
  // Does not work yet.
  kNotYet,
  // Tunes something that this server does in another way, or not at all.
  kNoEffect,
  // Asking for either of these two anyway is answered with a warning, never with silence.
};

// One key of the configuration. The same entry serves the YAML file, the flag `--<path>` and the
// variable `LIVEKIT_<PATH>`; the latter two exist for scalars only.
struct Option {
  // Stores the value, or returns what would have been accepted ("a port from 0 to 65535").
  using Setter = std::function<std::optional<std::string>(const YamlNode& value)>;

  std::string path;  // "rtc.tcp_port".
  std::string help;  // One line; empty for options of no interest to readers.
  Support support = Support::kHonoured;
  bool scalar = true;    // Otherwise a list or a section, with whatever is in it.
  bool boolean = false;  // As a flag it needs no value.
  // For those without effect: the values that ask for nothing. Empty: the usual ones, such as 0.
  std::vector<std::string> inert = {};
  Setter set = nullptr;

  std::string VariableName() const;  // "LIVEKIT_RTC_TCP_PORT".
};

// Every option there is. Filled once, then only asked.
class OptionTable {
 public:
  struct Problem {
    std::string text;  // Complete: line, option, what is accepted.
  };

  void Add(Option option);

  // Sets whatever `document` names. With `ignore_unknown`, names that are not in the table become
  // warnings. Null values count as not given.
  std::optional<Problem> Apply(const YamlNode& document, bool ignore_unknown);

  // Sets one scalar; `origin` names the flag or variable in the problem's text.
  std::optional<Problem> Set(const Option& option, std::string_view value, std::string_view origin);

  const Option* Find(std::string_view path) const;
  const std::vector<Option>& options() const { return options_; }

  // The known path most like `path`; empty when none is similar.
  std::string Nearest(std::string_view path) const;

  // What was asked for but will not happen, each entry once: "rtc.tcp_port (line 4)".
  struct Unheeded {
    std::string path;
    std::string text;
  };
  const std::vector<Unheeded>& unheeded() const { return unheeded_; }

 private:
  std::optional<Problem> ApplyMap(const YamlNode& map, const std::string& prefix,
                                  bool ignore_unknown);
  std::optional<Problem> ApplyOption(const Option& option, const YamlNode& value,
                                     std::string_view origin);
  bool IsSection(std::string_view path) const;

  std::vector<Option> options_;
  std::vector<Unheeded> unheeded_;
};

}  // namespace sfu::config
