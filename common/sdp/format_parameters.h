#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sfu::sdp {

// The parameters of one payload type, the text of `a=fmtp:<pt> ` (RFC 8866 section 6.15), in the
// order they came. Unknown ones are kept, because clients add their own and expect them back.
// Names compare without regard to case. A bare entry ("111/111" of RED, "0-16" of telephone-event)
// is a name without a value.
class FormatParameters {
 public:
  FormatParameters() = default;

  // Accepts any text: entries are separated by ';', white space around them is dropped.
  static FormatParameters Parse(std::string_view text);

  bool empty() const { return entries_.empty(); }
  bool Has(std::string_view name) const;
  // The value of the first entry of that name; "" for a bare one. Valid until the next change.
  std::optional<std::string_view> Get(std::string_view name) const;
  std::optional<int> GetInt(std::string_view name) const;

  void Set(std::string_view name, std::string_view value);  // In place, or at the end.
  void Remove(std::string_view name);

  std::string ToText() const;

  friend bool operator==(const FormatParameters&, const FormatParameters&) = default;

 private:
  struct Entry {
    std::string name;
    std::optional<std::string> value;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  std::vector<Entry> entries_;
};

}  // namespace sfu::sdp
