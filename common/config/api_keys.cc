#include "common/config/api_keys.h"

#include <algorithm>
#include <array>

#include <absl/strings/numbers.h>

#include "common/config/yaml_reader.h"

namespace sfu::config {
namespace {

// Whether YAML takes the scalar for something else than text.
bool IsText(const YamlNode& scalar) {
  if (scalar.quoted) {
    return true;
  }
  constexpr std::array<std::string_view, 6> kSwitches = {"true",  "True",  "TRUE",
                                                         "false", "False", "FALSE"};
  std::string_view digits = scalar.text;
  const bool prefixed = digits.starts_with("0x") || digits.starts_with("0o");
  digits.remove_prefix(prefixed ? 2 : 0);
  const bool whole =
      !digits.empty() && std::all_of(digits.begin(), digits.end(), [prefixed](unsigned char c) {
        return (c >= '0' && c <= '9') ||
               (prefixed && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
      });
  double number = 0;
  return !whole && !absl::SimpleAtod(scalar.text, &number) &&
         std::find(kSwitches.begin(), kSwitches.end(), scalar.text) == kSwitches.end();
}

}  // namespace

Expected<ApiKeys, NotKeys> ReadApiKeys(std::string_view text, BareNumbers numbers) {
  const Expected<YamlNode, YamlProblem> document = ReadYaml(text);
  if (!document || document->kind != YamlNode::Kind::kMap) {
    return Unexpected{NotKeys()};
  }
  ApiKeys result;
  for (const auto& [key, secret] : document->fields) {
    const bool usable = secret.kind == YamlNode::Kind::kScalar &&
                        (numbers == BareNumbers::kAreText || IsText(secret));
    if (usable) {
      result.keys[key] = secret.text;
    } else {
      result.dropped.push_back(key);
    }
  }
  return result;
}

}  // namespace sfu::config
