#include "worker/forward/renumbering.h"

#include <cstddef>

namespace sfu::forward {

void Renumbering::SwitchTo(int64_t in) {
  offset_ = in - (last() + 1);
  highest_in_ = in - 1;
  floor_ = in;
  ranges_.clear();
}

std::optional<int64_t> Renumbering::Map(int64_t in) {
  if (in <= highest_in_) {
    return MapLate(in);
  }
  highest_in_ = in;
  return in - offset_;
}

std::optional<int64_t> Renumbering::MapLate(int64_t in) const {
  if (in < floor_) {
    return std::nullopt;
  }
  int64_t offset = offset_;
  for (auto range = ranges_.rbegin(); range != ranges_.rend() && in <= range->last; ++range) {
    if (in >= range->first) {
      return std::nullopt;
    }
    offset = range->offset_before;
  }
  return in - offset;
}

std::optional<int64_t> Renumbering::LeaveOut(int64_t in) {
  if (in <= highest_in_) {
    return MapLate(in);
  }
  if (!ranges_.empty() && ranges_.back().last == in - 1) {
    ranges_.back().last = in;
  } else {
    if (ranges_.size() == kMaxRanges) {
      // Half at a time, so that moving the rest costs next to nothing per packet.
      const auto end = ranges_.begin() + kMaxRanges / 2;
      floor_ = (end - 1)->last + 1;
      ranges_.erase(ranges_.begin(), end);
    }
    ranges_.push_back({in, in, offset_});
  }
  ++offset_;
  highest_in_ = in;
  return std::nullopt;
}

}  // namespace sfu::forward
