#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sfu::forward {

// Renumbers a sequence from which some members are left out, so that what remains has no gaps of
// our making: for RTP sequence numbers [TX-1..5] and for VP8 picture ids [TX-20].
//
//   in   100  101  102  103  104  106  105   103
//        fwd  out  fwd  out  fwd  fwd  late  late
//   out   1    -    2    -    3    5    4     -
//
// A number that did not come leaves a gap, because it may still come, or the receiver must learn
// that it is missing. The left-out ranges are remembered for packets that come late: the last
// kMaxRanges of them; what is older is not mapped any more.
class Renumbering {
 public:
  static constexpr size_t kMaxRanges = 128;

  // `first` is the outgoing number of the first member.
  explicit Renumbering(int64_t first) : offset_(-first) {}

  // `in`, of another source, follows directly on what was sent last. Late members of the former
  // source are not mapped any more.
  void SwitchTo(int64_t in);

  // The outgoing number; nullopt if it was left out, or is too old to tell.
  std::optional<int64_t> Map(int64_t in);

  // `in` is not sent. Numbers after it move up, unless it comes late and its number is in a gap
  // that was passed by: that number is then returned, for the caller to fill.
  std::optional<int64_t> LeaveOut(int64_t in);

  int64_t last() const { return highest_in_ - offset_; }  // Highest outgoing number so far.

 private:
  struct Range {
    int64_t first;
    int64_t last;
    int64_t offset_before;
  };

  std::optional<int64_t> MapLate(int64_t in) const;

  int64_t offset_;           // in - out for what comes next.
  int64_t highest_in_ = -1;  // With it last() is first - 1 before the first member.
  int64_t floor_ = 0;        // Below it nothing is mapped.
  std::vector<Range>
      ranges_;  // Oldest first. Empty, and not allocated, until something is left out.
};

}  // namespace sfu::forward
