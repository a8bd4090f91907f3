#include "worker/receive/nack_tracker.h"

#include <algorithm>
#include <cmath>

namespace sfu::receive {
namespace {

constexpr int64_t kHurryAfterPackets = 3;
constexpr double kRepeatGrowth = 1.25;
constexpr absl::Duration kMinRepeat = absl::Milliseconds(20);
constexpr absl::Duration kMaxRepeat = absl::Milliseconds(400);

}  // namespace

bool NackTracker::HandlePacket(Timestamp now, int64_t sequence) {
  if (!started_) {
    started_ = true;
    highest_ = sequence;
    return true;
  }
  if (sequence <= highest_) {
    Remove(sequence);
    return true;
  }
  const int64_t first_missing = highest_ + 1;
  highest_ = sequence;
  bool in_bounds = true;
  if (first_missing < sequence && enabled_) {
    in_bounds = AddGap(now, first_missing, sequence - 1);
  }
  if (!entries_.empty()) {
    HurryReordered(now);
  }
  return in_bounds;
}

bool NackTracker::AddGap(Timestamp now, int64_t first, int64_t last) {
  const int64_t gap = last - first + 1;
  if (gap >= options_.max_gap ||
      entries_.size() + static_cast<size_t>(gap) > options_.max_entries) {
    given_up_ += entries_.size() + static_cast<size_t>(gap);
    entries_.clear();
    next_due_ = Timestamp::Never();
    return false;
  }
  const Timestamp due = now + ReorderGuard();
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    entries_.push_back({sequence, now, due, 0});
  }
  next_due_ = std::min(next_due_, due);
  return true;
}

void NackTracker::Remove(int64_t sequence) {
  const auto entry = std::lower_bound(
      entries_.begin(), entries_.end(), sequence,
      [](const Entry& candidate, int64_t wanted) { return candidate.sequence < wanted; });
  if (entry == entries_.end() || entry->sequence != sequence) {
    return;
  }
  if (entry->tries > 0) {
    ++recovered_;
  }
  entries_.erase(entry);
  if (entries_.empty()) {
    next_due_ = Timestamp::Never();
  }
}

void NackTracker::Forget(int64_t sequence) { Remove(sequence); }

void NackTracker::ForgetBefore(int64_t sequence) {
  const auto end = std::find_if(entries_.begin(), entries_.end(),
                                [&](const Entry& entry) { return entry.sequence >= sequence; });
  entries_.erase(entries_.begin(), end);
  if (entries_.empty()) {
    next_due_ = Timestamp::Never();
  }
}

void NackTracker::Reset() {
  started_ = false;
  entries_.clear();
  next_due_ = Timestamp::Never();
}

void NackTracker::SetEnabled(bool enabled) {
  enabled_ = enabled;
  if (!enabled) {
    entries_.clear();
    next_due_ = Timestamp::Never();
  }
}

void NackTracker::HurryReordered(Timestamp now) {
  // Ascending by number, and those not asked for yet are the newest: only the tail can be meant.
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && entry->tries == 0; ++entry) {
    if (highest_ - entry->sequence >= kHurryAfterPackets && entry->due > now) {
      entry->due = now;
      next_due_ = std::min(next_due_, now);
    }
  }
}

absl::Duration NackTracker::ReorderGuard() const {
  return std::min({options_.max_reorder_guard, jitter_, round_trip_ / 4});
}

absl::Duration NackTracker::RepeatInterval(int tries) const {
  const double growth = std::pow(kRepeatGrowth, tries - 1);
  return std::clamp(round_trip_ * growth, kMinRepeat, kMaxRepeat);
}

void NackTracker::PollMissing(Timestamp now, std::vector<rtp::SequenceNumber>& missing) {
  if (now < next_due_) {
    return;
  }
  next_due_ = Timestamp::Never();
  const bool path_too_long = round_trip_ > options_.max_round_trip;
  const auto is_hopeless = [&](const Entry& entry) {
    return path_too_long || entry.tries >= options_.max_tries ||
           now - entry.missed > options_.max_age;
  };
  const size_t before = entries_.size();
  entries_.erase(
      std::remove_if(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.due <= now && is_hopeless(entry); }),
      entries_.end());
  given_up_ += before - entries_.size();

  for (Entry& entry : entries_) {
    if (entry.due <= now) {
      missing.push_back(rtp::SequenceNumber(static_cast<uint16_t>(entry.sequence)));
      ++entry.tries;
      ++requested_;
      entry.due = now + RepeatInterval(entry.tries);
    }
    next_due_ = std::min(next_due_, entry.due);
  }
}

}  // namespace sfu::receive
