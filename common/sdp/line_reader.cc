#include "common/sdp/line_reader.h"

#include <algorithm>
#include <string>

#include <absl/strings/str_cat.h>

#include "common/sdp/text_fields.h"

namespace sfu::sdp {
namespace {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

absl::StatusOr<std::optional<Line>> LineReader::Next() {
  while (!rest_.empty()) {
    std::string_view line = NextPart(rest_, '\n');
    ++line_number_;
    while (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      continue;
    }
    if (std::any_of(line.begin(), line.end(), IsControl)) {
      return Error("control character");
    }
    if (line.size() < 2 || line[1] != '=') {
      return Error("not of the form x=");
    }
    const Line result = {line[0], line.substr(2)};
    if (version_seen_) {
      return result;
    }
    if (result.type != 'v' || Trim(result.value) != "0") {
      return Error("version 0 expected");
    }
    version_seen_ = true;
  }
  if (!version_seen_) {
    return Error("no version");
  }
  return std::nullopt;
}

absl::Status LineReader::Error(std::string_view reason) const {
  return absl::InvalidArgumentError(
      absl::StrCat("SDP line ", line_number_, ": ", std::string(reason)));
}

}  // namespace sfu::sdp
