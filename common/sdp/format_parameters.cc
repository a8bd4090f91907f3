#include "common/sdp/format_parameters.h"

#include "common/sdp/text_fields.h"

namespace sfu::sdp {

FormatParameters FormatParameters::Parse(std::string_view text) {
  FormatParameters result;
  while (!text.empty()) {
    const std::string_view entry = Trim(NextPart(text, ';'));
    const size_t equals = entry.find('=');
    if (equals != std::string_view::npos) {
      result.entries_.push_back({std::string(Trim(entry.substr(0, equals))),
                                 std::string(Trim(entry.substr(equals + 1)))});
    } else if (!entry.empty()) {
      result.entries_.push_back({std::string(entry), std::nullopt});
    }
  }
  return result;
}

bool FormatParameters::Has(std::string_view name) const { return Get(name).has_value(); }

std::optional<std::string_view> FormatParameters::Get(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (EqualsIgnoreCase(entry.name, name)) {
      return entry.value ? std::string_view(*entry.value) : std::string_view();
    }
  }
  return std::nullopt;
}

std::optional<int> FormatParameters::GetInt(std::string_view name) const {
  const std::optional<std::string_view> value = Get(name);
  return value ? ToNumber<int>(*value) : std::nullopt;
}

void FormatParameters::Set(std::string_view name, std::string_view value) {
  for (Entry& entry : entries_) {
    if (EqualsIgnoreCase(entry.name, name)) {
      entry.value = std::string(value);
      return;
    }
  }
  entries_.push_back({std::string(name), std::string(value)});
}

void FormatParameters::Remove(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& entry) { return EqualsIgnoreCase(entry.name, name); });
}

std::string FormatParameters::ToText() const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (!text.empty()) {
      text += ';';
    }
    text += entry.name;
    if (entry.value) {
      text += '=';
      text += *entry.value;
    }
  }
  return text;
}

}  // namespace sfu::sdp
