#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sfu::redis {

// One value as Redis sends it (RESP2). Which members count depends on `kind`.
struct Reply {
  enum class Kind { kNull, kStatus, kError, kInteger, kText, kArray };

  Kind kind = Kind::kNull;
  int64_t integer = 0;
  std::string text = "";  // Of kStatus, kError and kText; any bytes.
  std::vector<Reply> items = {};

  bool is_text() const { return kind == Kind::kText; }
  bool is_status(std::string_view word) const { return kind == Kind::kStatus && text == word; }
  bool is_error() const { return kind == Kind::kError; }
  bool is_array() const { return kind == Kind::kArray; }
};

}  // namespace sfu::redis
