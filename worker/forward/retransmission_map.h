#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/time/timestamp.h"
#include "worker/forward/codec_munger.h"
#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// What each outgoing number was, so that it can be sent again exactly as it was [TX-45]. The
// packets themselves are in the publisher's history; this holds numbers only.
//
// A ring by outgoing sequence number. It starts small and doubles while it does not reach back far
// enough, up to its limit. Nothing is allocated before the first packet.
class RetransmissionMap {
 public:
  // What a receiver may still have use for. Audio is played out long before.
  static constexpr uint32_t kVideoAgeMs = 1500;
  static constexpr uint32_t kAudioAgeMs = 500;
  static constexpr size_t kMinEntries = 16;
  static constexpr size_t kMaxAudioEntries = 128;
  static constexpr size_t kMaxVideoEntries = 8192;

  struct Entry {
    int64_t source_sequence = 0;
    rtp::Ssrc source_ssrc{0};
    uint32_t timestamp = 0;           // Outgoing.
    uint32_t sent_ms = 0;             // First time, on our clock; wraps.
    uint16_t sequence = 0;            // Outgoing.
    uint16_t last_sent_after_ms = 0;  // Since sent_ms.
    uint8_t layer = 0;
    uint8_t sends = 0;  // 0: the entry is empty. Add() makes it 1 at least.
    bool marker = false;
    bool with_mid = false;
  };
  static_assert(sizeof(Entry) <= 32);

  explicit RetransmissionMap(rtp::MediaKind kind);

  void Add(Timestamp now, const Entry& entry, const CodecNumbers& numbers);
  // nullptr if it was never sent or is gone, which it may be only after age_ms(), unless the ring
  // has reached its limit. Valid until the next Add() or Clear().
  Entry* Find(uint16_t sequence);
  // Of an entry from Find().
  CodecNumbers NumbersOf(const Entry& entry) const;

  // The source restarted: its numbers mean other packets now.
  void Clear();

  size_t capacity() const { return entries_.size(); }
  uint32_t age_ms() const { return age_ms_; }

  static uint32_t Milliseconds(Timestamp now) { return static_cast<uint32_t>(now.micros() / 1000); }

 private:
  size_t Index(uint16_t sequence) const { return sequence & (entries_.size() - 1); }
  void Grow();

  const bool has_numbers_;  // Audio has no codec numbers.
  const uint32_t age_ms_;
  const size_t max_entries_;
  std::vector<Entry> entries_;
  std::vector<CodecNumbers> numbers_;
};

}  // namespace sfu::forward
