#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/rtp/media_packet.h"

namespace sfu::receive {

// The latest packets of one received stream, shared by all its subscribers' retransmissions
// [RX-40..42]. Holds references into the packet pool, and nothing per subscriber.
//
// A ring indexed by sequence number. It starts at min_packets and doubles whenever a packet younger
// than `age` would have to make room, so that it reaches back `age` at whatever rate the stream
// has, until max_packets or max_bytes (counted as whole pool buffers) is reached; then the oldest
// go early, counted. What is older than `age` is let go whatever the capacity.
//
// Not thread-safe: lives on its room's media thread.
class PacketHistory {
 public:
  struct Options {
    size_t min_packets = 64;  // Both are powers of two.
    size_t max_packets = 8192;
    size_t max_bytes = 16 << 20;
    absl::Duration age = absl::Seconds(2);
  };
  static constexpr Options ForVideo() { return {256, 8192, 16 << 20, absl::Seconds(2)}; }
  static constexpr Options ForAudio() { return {64, 256, 1 << 20, absl::Seconds(1)}; }

  explicit PacketHistory(const Options& options);

  // Takes `packet` in by its sequence number and returns where it now lies; that pointer is valid
  // until the next Insert() or Clear(). nullptr, and nothing kept, if it is older than all that
  // fits (then `packet` is untouched). One with the same number is replaced.
  const rtp::MediaPacket* Insert(Timestamp now, rtp::MediaPacket&& packet);

  // nullptr if it never came or is gone. Valid until the next Insert() or Clear().
  const rtp::MediaPacket* Find(int64_t sequence) const {
    const rtp::MediaPacket& slot = slots_[Index(sequence)];
    return slot.packet && slot.sequence == sequence ? &slot : nullptr;
  }

  void Clear();

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t capacity() const { return slots_.size(); }
  int64_t newest() const { return newest_; }  // Highest sequence number; meaningless if empty().
  uint64_t evicted_early() const { return evicted_early_; }  // Before `age`, for want of room.

 private:
  size_t Index(int64_t sequence) const {
    return static_cast<size_t>(sequence) & (slots_.size() - 1);
  }
  void AdvanceTo(Timestamp now, int64_t sequence);
  void EvictBefore(int64_t sequence);
  void EvictOlderThan(Timestamp instant);
  void Grow();

  const Options options_;
  std::vector<rtp::MediaPacket> slots_;
  size_t size_ = 0;
  int64_t newest_ = 0;
  int64_t oldest_ = 0;  // No packet below this is held; there may be none at it.
  uint64_t evicted_early_ = 0;
};

}  // namespace sfu::receive
