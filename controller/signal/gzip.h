#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/expected.h"

namespace sfu::signal {

enum class InflateError { kBroken, kTooLarge };

// Undoes gzip (RFC 1952), stopping as soon as there is more than `limit_bytes` inside: what a
// stranger sends may grow a thousandfold.
Expected<std::string, InflateError> Gunzip(std::string_view compressed, size_t limit_bytes);

}  // namespace sfu::signal
