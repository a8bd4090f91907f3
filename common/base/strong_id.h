#pragma once

#include <compare>
#include <utility>

namespace sfu {

// A value that only mixes with its own kind: passing a Ssrc where a PayloadType is expected does
// not compile. `Tag` is any distinct (usually undefined) type.
template <typename Tag, typename Rep>
class StrongId {
 public:
  constexpr explicit StrongId(Rep value) : value_(std::move(value)) {}

  constexpr const Rep& value() const { return value_; }

  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;

  template <typename H>
  friend H AbslHashValue(H hash, const StrongId& id) {
    return H::combine(std::move(hash), id.value_);
  }

 private:
  Rep value_;
};

}  // namespace sfu
