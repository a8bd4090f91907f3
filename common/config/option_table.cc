#include "common/config/option_table.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <absl/strings/numbers.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include "common/config/edit_distance.h"
#include "common/config/option_values.h"

namespace sfu::config {
namespace {

// Whether two scalars mean the same: "5" and "5.0", "1m" and "60s", "no" and "false".
bool SameMeaning(const std::string& a, const std::string& b) {
  double numbers[2];
  absl::Duration durations[2];
  bool switches[2];
  const YamlNode nodes[2] = {YamlNode::Scalar(a), YamlNode::Scalar(b)};
  return a == b ||
         (absl::SimpleAtod(a, &numbers[0]) && absl::SimpleAtod(b, &numbers[1]) &&
          numbers[0] == numbers[1]) ||
         (absl::ParseDuration(a, &durations[0]) && absl::ParseDuration(b, &durations[1]) &&
          durations[0] == durations[1]) ||
         (!SetBool(switches[0])(nodes[0]) && !SetBool(switches[1])(nodes[1]) &&
          switches[0] == switches[1]);
}

// Whether the value asks for nothing: such a one needs no warning.
bool IsInert(const YamlNode& value, const std::vector<std::string>& inert) {
  switch (value.kind) {
    case YamlNode::Kind::kNull:
      return true;
    case YamlNode::Kind::kScalar:
      return std::any_of(inert.begin(), inert.end(), [&value](const std::string& other) {
        return SameMeaning(value.text, other);
      });
    case YamlNode::Kind::kList:
      return std::all_of(value.items.begin(), value.items.end(),
                         [&inert](const YamlNode& item) { return IsInert(item, inert); });
    case YamlNode::Kind::kMap:
      return std::all_of(value.fields.begin(), value.fields.end(),
                         [&inert](const auto& field) { return IsInert(field.second, inert); });
  }
  return false;
}

// What most options have when they are off.
bool IsInert(const YamlNode& value, const Option& option) {
  static const auto* const kUsual = new std::vector<std::string>{"", "0", "false"};
  return IsInert(value, option.inert.empty() ? *kUsual : option.inert);
}

std::string Origin(const YamlNode& value) { return fmt::format("line {}", value.line); }

std::string Shown(const YamlNode& value) {
  switch (value.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return fmt::format("\"{}\"", value.text);
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a section";
  }
  return "";
}

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

std::string Option::VariableName() const {
  std::string name = "LIVEKIT_" + path;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c == '.' ? '_' : static_cast<char>(std::toupper(c));
  });
  return name;
}

void OptionTable::Add(Option option) { options_.push_back(std::move(option)); }

std::optional<OptionTable::Problem> OptionTable::Apply(const YamlNode& document,
                                                       bool ignore_unknown) {
  if (document.kind == YamlNode::Kind::kNull) {
    return std::nullopt;
  }
  if (document.kind != YamlNode::Kind::kMap) {
    return Problem{"the document must consist of \"name: value\" lines"};
  }
  return ApplyMap(document, "", ignore_unknown);
}

std::optional<OptionTable::Problem> OptionTable::ApplyMap(const YamlNode& map,
                                                          const std::string& prefix,
                                                          bool ignore_unknown) {
  for (const auto& [name, value] : map.fields) {
    const std::string path = prefix + name;
    std::optional<Problem> problem;
    if (const Option* option = Find(path); option != nullptr) {
      problem = ApplyOption(*option, value, Origin(value));
    } else if (IsSection(path)) {
      if (value.kind == YamlNode::Kind::kMap) {
        problem = ApplyMap(value, path + ".", ignore_unknown);
      } else if (value.kind != YamlNode::Kind::kNull) {
        problem = Problem{fmt::format("{}: {}: {} is not a section of \"name: value\" lines",
                                      Origin(value), path, Shown(value))};
      }
    } else if (ignore_unknown) {
      unheeded_.push_back({path, fmt::format("unknown option ({})", Origin(value))});
    } else {
      const std::string nearest = Nearest(path);
      problem = Problem{fmt::format(
          "{}: unknown option \"{}\"{}", Origin(value), path,
          nearest.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", nearest))};
    }
    if (problem) {
      return problem;
    }
  }
  return std::nullopt;
}

std::optional<OptionTable::Problem> OptionTable::ApplyOption(const Option& option,
                                                             const YamlNode& value,
                                                             std::string_view origin) {
  if (value.kind == YamlNode::Kind::kNull) {
    return std::nullopt;
  }
  if (option.set) {
    if (const std::optional<std::string> accepted = option.set(value)) {
      return Problem{
          fmt::format("{}: {}: {} is not {}", origin, option.path, Shown(value), *accepted)};
    }
  }
  if (option.support != Support::kHonoured && !IsInert(value, option)) {
    const std::string_view why = option.support == Support::kNotYet
                                     ? "not supported yet, so it has no effect"
                                     : "has no effect: this server works without it";
    unheeded_.push_back({option.path, fmt::format("{} ({})", why, origin)});
  }
  return std::nullopt;
}

std::optional<OptionTable::Problem> OptionTable::Set(const Option& option, std::string_view value,
                                                     std::string_view origin) {
  return ApplyOption(option, YamlNode::Scalar(value), origin);
}

const Option* OptionTable::Find(std::string_view path) const {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [path](const Option& option) { return option.path == path; });
  return found == options_.end() ? nullptr : &*found;
}

bool OptionTable::IsSection(std::string_view path) const {
  const std::string prefix = std::string(path) + ".";
  return std::any_of(options_.begin(), options_.end(),
                     [&prefix](const Option& option) { return option.path.starts_with(prefix); });
}

std::string OptionTable::Nearest(std::string_view path) const {
  std::string best;
  size_t best_distance = path.size() / 3 + 2;  // Farther than this is no typing mistake.
  for (const Option& option : options_) {
    // The right name in the wrong section is as likely as a typing mistake.
    const size_t distance =
        LastPart(option.path) == LastPart(path) ? 1 : EditDistance(path, option.path);
    if (distance < best_distance) {
      best = option.path;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace sfu::config
