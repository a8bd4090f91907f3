#pragma once

#include <absl/hash/hash.h>
#include <fmt/format.h>

#include "common/net/socket_address.h"

namespace sfu {

// Stands in for an address in logs: equal addresses print alike within one run of the process, and
// nothing more can be learnt. The hash is seeded per process and cut to 16 bits, so each tag fits
// tens of thousands of IPv4 addresses even for someone who knows the seed.
class Redacted {
 public:
  explicit Redacted(const SocketAddress& address)
      : tag_(static_cast<uint16_t>(absl::HashOf(address.WithPort(0)))), is_v4_(address.is_v4()) {}

  uint16_t tag() const { return tag_; }
  bool is_v4() const { return is_v4_; }

 private:
  uint16_t tag_;
  bool is_v4_;
};

}  // namespace sfu

template <>
struct fmt::formatter<sfu::Redacted> : fmt::formatter<fmt::string_view> {
  auto format(const sfu::Redacted& redacted, fmt::format_context& context) const {
    return fmt::format_to(context.out(), "{}#{:04x}", redacted.is_v4() ? "v4" : "v6",
                          redacted.tag());
  }
};
