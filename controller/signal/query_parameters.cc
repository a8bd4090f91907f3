#include "controller/signal/query_parameters.h"

#include <algorithm>
#include <cstddef>

namespace sfu::signal {
namespace {

constexpr size_t kMaxParameters = 64;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string Decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace

QueryParameters QueryParameters::Parse(std::string_view query) {
  QueryParameters result;
  while (!query.empty() && result.parameters_.size() < kMaxParameters) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) {
      continue;
    }
    const size_t equals = pair.find('=');
    result.parameters_.emplace_back(
        Decode(pair.substr(0, equals)),
        equals == std::string_view::npos ? "" : Decode(pair.substr(equals + 1)));
  }
  return result;
}

std::optional<std::string_view> QueryParameters::Find(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace sfu::signal
