#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// The lines of an SDP text (RFC 8866 section 5). Internal to this module.
namespace sfu::sdp {

struct Line {
  char type;               // Of "m=audio 9 ...", the 'm'.
  std::string_view value;  // What follows the equals sign.
};

// Takes a text apart line by line: ends may be CRLF or LF, empty lines are skipped, every other one
// must be `x=` without control characters. The version line, which must come first, is read here
// and not handed out. Borrows the text.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  // The next line; nullopt at the end. After an error there is no going on.
  absl::StatusOr<std::optional<Line>> Next();

  // InvalidArgument that names the latest line by number, never by content.
  absl::Status Error(std::string_view reason) const;

 private:
  std::string_view rest_;
  size_t line_number_ = 0;
  bool version_seen_ = false;
};

}  // namespace sfu::sdp
