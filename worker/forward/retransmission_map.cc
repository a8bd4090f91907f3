#include "worker/forward/retransmission_map.h"

#include <algorithm>

namespace sfu::forward {

RetransmissionMap::RetransmissionMap(rtp::MediaKind kind)
    : has_numbers_(kind == rtp::MediaKind::kVideo),
      age_ms_(kind == rtp::MediaKind::kVideo ? kVideoAgeMs : kAudioAgeMs),
      max_entries_(kind == rtp::MediaKind::kVideo ? kMaxVideoEntries : kMaxAudioEntries) {}

void RetransmissionMap::Add(Timestamp now, const Entry& entry, const CodecNumbers& numbers) {
  if (entries_.empty()) {
    Grow();
  }
  const uint32_t now_ms = Milliseconds(now);
  const Entry* former = &entries_[Index(entry.sequence)];
  while (former->sends > 0 && former->sequence != entry.sequence &&
         now_ms - former->sent_ms < age_ms_ && entries_.size() < max_entries_) {
    Grow();
    former = &entries_[Index(entry.sequence)];
  }
  const size_t index = Index(entry.sequence);
  entries_[index] = entry;
  entries_[index].sent_ms = now_ms;
  entries_[index].last_sent_after_ms = 0;
  entries_[index].sends = std::max<uint8_t>(entry.sends, 1);
  if (has_numbers_) {
    numbers_[index] = numbers;
  }
}

RetransmissionMap::Entry* RetransmissionMap::Find(uint16_t sequence) {
  if (entries_.empty()) {
    return nullptr;
  }
  Entry& entry = entries_[Index(sequence)];
  return entry.sends > 0 && entry.sequence == sequence ? &entry : nullptr;
}

CodecNumbers RetransmissionMap::NumbersOf(const Entry& entry) const {
  return has_numbers_ ? numbers_[Index(entry.sequence)] : CodecNumbers();
}

void RetransmissionMap::Clear() {
  for (Entry& entry : entries_) {
    entry.sends = 0;
  }
}

void RetransmissionMap::Grow() {
  const size_t capacity = entries_.empty() ? kMinEntries : entries_.size() * 2;
  std::vector<Entry> former_entries(capacity);
  std::vector<CodecNumbers> former_numbers(has_numbers_ ? capacity : 0);
  former_entries.swap(entries_);
  former_numbers.swap(numbers_);
  for (size_t i = 0; i < former_entries.size(); ++i) {
    if (former_entries[i].sends > 0) {
      const size_t index = Index(former_entries[i].sequence);
      entries_[index] = former_entries[i];
      if (has_numbers_) {
        numbers_[index] = former_numbers[i];
      }
    }
  }
}

}  // namespace sfu::forward
