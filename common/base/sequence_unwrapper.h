#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace sfu {

// Turns a counter that wraps into one that does not, so that the code behind it compares with `<`.
// Each value is taken as the closest one to its predecessor; jumps of half the range and more are
// therefore ambiguous. The first value maps to itself.
template <std::unsigned_integral T>
class SequenceUnwrapper {
 public:
  int64_t Unwrap(T value) {
    last_ = PeekUnwrap(value);
    return *last_;
  }

  // As Unwrap(), without moving the reference: for values that may turn out to be garbage.
  int64_t PeekUnwrap(T value) const {
    if (!last_) {
      return value;
    }
    using Signed = std::make_signed_t<T>;
    const auto delta = static_cast<Signed>(static_cast<T>(value - static_cast<T>(*last_)));
    return *last_ + delta;
  }

 private:
  std::optional<int64_t> last_;
};

}  // namespace sfu
