#pragma once

#include <string>
#include <string_view>

namespace sfu::redis {

// A Lua script that runs in Redis as one step. Sent by its hash; in full only where it is unknown.
class Script {
 public:
  explicit Script(std::string text);

  const std::string& text() const { return text_; }
  const std::string& sha1_hex() const { return sha1_hex_; }

 private:
  const std::string text_;
  const std::string sha1_hex_;
};

}  // namespace sfu::redis
