#include "common/config/option_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace sfu::config {
namespace {

// Whether the value asks for nothing: such a one needs no warning.
bool IsInert(const YamlNode& value) {
  switch (value.kind) {
    case YamlNode::Kind::kNull:
      return true;
    case YamlNode::Kind::kScalar: {
      constexpr std::array<std::string_view, 6> kInert = {"", "0", "false", "no", "off", "0s"};
      return std::find(kInert.begin(), kInert.end(), value.text) != kInert.end();
    }
    case YamlNode::Kind::kList:
      return value.items.empty();
    case YamlNode::Kind::kMap:
      return std::all_of(value.fields.begin(), value.fields.end(),
                         [](const auto& field) { return IsInert(field.second); });
  }
  return false;
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

// Levenshtein distance: how many letters to change, insert or drop.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
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
  if (option.support == Support::kNotYet && !IsInert(value)) {
    unheeded_.push_back({option.path, fmt::format("not supported yet ({})", origin)});
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
