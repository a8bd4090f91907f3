#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/expected.h"

namespace sfu::config {

// One value of a YAML document, with the place it came from. Scalars keep their text as written:
// what `no` or `0123` means is up to who asks.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;  // From 1; 0 when the value did not come from a document.
  std::string text;
  bool quoted = false;  // Text for certain, whatever it looks like.
  std::vector<YamlNode> items;
  std::vector<std::pair<std::string, YamlNode>> fields;  // As written; names are distinct.

  static YamlNode Scalar(std::string_view text);
};

struct YamlProblem {
  int line = 0;
  std::string text;
};

// The one document in `text`; kNull when there is nothing but comments. A name given twice in one
// map is a problem: one of the two would silently be lost. Bounded: 32 levels deep, no aliases
// beyond 10,000 values in total.
Expected<YamlNode, YamlProblem> ReadYaml(std::string_view text);

}  // namespace sfu::config
