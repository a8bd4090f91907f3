#pragma once

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "common/log/log.h"
#include "common/net/socket_address.h"

namespace sfu {

// Stands in for something about a person in a log line: equal things print alike within one run of
// the process, and nothing more can be learnt. The tag is the beginning of an HMAC under a key that
// is drawn at the first use and never leaves the process, so a list of likely names or of all
// addresses does not help to read a log. It is short on purpose: even with the key it fits tens of
// thousands of IPv4 addresses.
class Redacted {
 public:
  // An address, whatever the port: "v4#1b2c", "v6#1b2c".
  explicit Redacted(const SocketAddress& address);
  // An identity, a name, a room's name, an API key's name: "#1b2c3d".
  explicit Redacted(std::string_view text);

  std::string_view prefix() const { return prefix_; }
  uint32_t tag() const { return tag_; }
  int digits() const { return digits_; }

 private:
  std::string_view prefix_;
  uint32_t tag_;
  int digits_;
};

template <>
inline constexpr bool log::kLoggable<Redacted> = true;

}  // namespace sfu

template <>
struct fmt::formatter<sfu::Redacted> : fmt::formatter<fmt::string_view> {
  auto format(const sfu::Redacted& redacted, fmt::format_context& context) const {
    return fmt::format_to(context.out(), "{}#{:0{}x}", redacted.prefix(), redacted.tag(),
                          redacted.digits());
  }
};
