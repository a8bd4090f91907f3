#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sfu::signal {

// The query of a request target, percent-decoded; a '+' is a space. Bounded: parameters beyond the
// 64th are ignored.
class QueryParameters {
 public:
  // `query` is what follows the '?', without it. Broken escapes are kept as they are.
  static QueryParameters Parse(std::string_view query);

  // The first value of that name; nullopt when absent.
  std::optional<std::string_view> Find(std::string_view name) const;
  // The same, with "" for absent.
  std::string_view Get(std::string_view name) const { return Find(name).value_or(""); }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace sfu::signal
