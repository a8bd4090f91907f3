#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sfu::signal {

// RFC 3629, without surrogates and overlong forms: what a protobuf string may hold.
inline bool IsValidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t length = lead < 0x80             ? 1
                          : (lead & 0xE0) == 0xC0 ? 2
                          : (lead & 0xF0) == 0xE0 ? 3
                          : (lead & 0xF8) == 0xF0 ? 4
                                                  : 0;
    if (length == 0 || text.size() - i < length) {
      return false;
    }
    uint32_t code_point = length == 1 ? lead : lead & (0xFF >> (length + 1));
    for (size_t next = 1; next < length; ++next) {
      const auto byte = static_cast<uint8_t>(text[i + next]);
      if ((byte & 0xC0) != 0x80) {
        return false;
      }
      code_point = code_point << 6 | (byte & 0x3F);
    }
    constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code_point < kSmallest[length] || code_point > 0x10FFFF ||
        (code_point >= 0xD800 && code_point <= 0xDFFF)) {
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace sfu::signal
