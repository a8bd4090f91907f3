#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::receive {

// Which packets of one received stream are missing, and when to ask for them [RX-30..33].
//
// A gap is asked about after a short guard against mere reordering (at once when three newer
// packets have come), then again every round trip, each time a little later, until the packet
// comes, is too old to be of use, or was asked for often enough. Audio gets two tries and only on
// short paths: jitter buffers rarely hold more.
//
// Works on unwrapped numbers. Not thread-safe: lives on its room's media thread.
class NackTracker {
 public:
  struct Options {
    size_t max_entries = 1000;
    int max_tries = 10;
    absl::Duration max_age = absl::Milliseconds(1500);
    absl::Duration max_round_trip = absl::InfiniteDuration();  // Above it nothing is asked for.
    // So many missing at once are not worth asking for: only a key frame helps [RX-32].
    int64_t max_gap = 500;
    absl::Duration max_reorder_guard = absl::Milliseconds(10);
  };
  static Options ForVideo() { return {}; }
  static Options ForAudio() {
    return {64, 2, absl::Milliseconds(300), absl::Milliseconds(150), 50, absl::Milliseconds(10)};
  }

  explicit NackTracker(const Options& options) : options_(options) {}

  // A packet came, in whatever order and by whatever way. False if more is missing than can be
  // asked for: the list was cleared and video needs a key frame.
  [[nodiscard]] bool HandlePacket(Timestamp now, int64_t sequence);

  // These need no repair: another packet carries them (RED), or they are older than a key frame
  // that has just begun.
  void Forget(int64_t sequence);
  void ForgetBefore(int64_t sequence);
  // Starts anew with the next packet: the stream restarted.
  void Reset();

  // Nothing is asked for while disabled: nobody consumes the encoding [RX-34], or NACK was not
  // negotiated. Disabling forgets what is missing.
  void SetEnabled(bool enabled);
  void SetRoundTripTime(absl::Duration round_trip) { round_trip_ = round_trip; }
  // The stream's interarrival jitter; no more than that is waited for reordered packets.
  void SetJitter(absl::Duration jitter) { jitter_ = jitter; }

  // Appends the numbers to ask for now, ascending. Each then has to wait for its next turn.
  void PollMissing(Timestamp now, std::vector<rtp::SequenceNumber>& missing);
  // When PollMissing() next has something to do; Never() when nothing is missing.
  Timestamp NextTimeout() const { return next_due_; }

  size_t size() const { return entries_.size(); }
  uint64_t requested() const { return requested_; }  // Numbers, repetitions counted.
  uint64_t recovered() const { return recovered_; }  // Came after they were asked for.
  uint64_t given_up() const { return given_up_; }

 private:
  struct Entry {
    int64_t sequence;
    Timestamp missed;  // When the gap was seen.
    Timestamp due;
    int tries;
  };

  [[nodiscard]] bool AddGap(Timestamp now, int64_t first, int64_t last);
  void Remove(int64_t sequence);
  void HurryReordered(Timestamp now);
  absl::Duration ReorderGuard() const;
  absl::Duration RepeatInterval(int tries) const;

  const Options options_;
  bool enabled_ = true;
  bool started_ = false;
  int64_t highest_ = 0;
  absl::Duration round_trip_ = absl::Milliseconds(70);
  absl::Duration jitter_ = absl::InfiniteDuration();
  std::vector<Entry> entries_;  // Ascending.
  Timestamp next_due_ = Timestamp::Never();
  uint64_t requested_ = 0;
  uint64_t recovered_ = 0;
  uint64_t given_up_ = 0;
};

}  // namespace sfu::receive
