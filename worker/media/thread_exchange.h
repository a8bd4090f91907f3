#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/types/span.h>

#include "common/runtime/spsc_ring.h"
#include "worker/ice/path.h"
#include "worker/media/mailbox.h"
#include "worker/rtp/packet_buffer.h"

namespace sfu::media {

// How the media threads of one worker pass on datagrams that came in at a socket which another
// thread receives by [PERF-6]. One ring for each pair of threads, so that nobody waits for anybody;
// a ring that is full drops the newest, as the socket would have.
//
// A datagram is copied into the ring and out of it, into a packet of the thread that it is for: the
// pools' packets belong to their threads and count their references without atomics, which every
// other packet gains more by than these lose (about 50 ns for a full one).
class ThreadExchange {
 public:
  // A media thread, as the others know it. Called on that thread.
  class Participant {
   public:
    virtual ~Participant() = default;
    // Datagrams on `path`, which this thread receives, are for thread `owner` from now on ...
    virtual void HandleOwned(const ice::Path& path, uint32_t owner) = 0;
    // ... and no longer, if they still were.
    virtual void HandleDisowned(const ice::Path& path, uint32_t owner) = 0;
  };

  static constexpr size_t kRingDatagrams = 512;  // 1 MB, if the pair ever has something.

  struct Datagram {
    ice::Path path;
    size_t size = 0;
    std::array<uint8_t, rtp::PacketRef::kCapacity> bytes;
  };

  explicit ThreadExchange(size_t threads);

  // Each thread once, before any of them runs; and again after all have stopped.
  void Attach(uint32_t thread, Mailbox& mailbox, Participant& participant) {
    seats_[thread] = {&mailbox, &participant};
  }
  void Detach(uint32_t thread) { seats_[thread] = {}; }

  size_t threads() const { return seats_.size(); }

  // On thread `from`. False if the ring is full. Wake() must follow, once for any number of them.
  [[nodiscard]] bool Push(uint32_t from, uint32_t to, const ice::Path& path,
                          absl::Span<const uint8_t> datagram);
  void Wake(uint32_t to) { seats_[to].mailbox->Wake(); }

  // On thread `owner`: calls the participant of thread `receiver`, in its next pass. That is in
  // time for what the peer sends next: it has yet to get the answer to the check that proved the
  // path.
  void TellOwned(uint32_t receiver, const ice::Path& path, uint32_t owner);
  void TellDisowned(uint32_t receiver, const ice::Path& path, uint32_t owner);

  // On thread `to`. Calls `take(const Datagram&)` for everything that waits.
  template <typename Take>
  void TakeAll(uint32_t to, Take take) {
    for (size_t from = 0; from < threads(); ++from) {
      RingOf(from, to).PopAll(take);
    }
  }

 private:
  using Ring = SpscRing<Datagram>;
  struct Seat {
    Mailbox* mailbox = nullptr;  // Null: not attached.
    Participant* participant = nullptr;
  };

  Ring& RingOf(size_t from, size_t to) { return *rings_[from * threads() + to]; }

  std::vector<Seat> seats_;
  std::vector<std::unique_ptr<Ring>> rings_;
};

}  // namespace sfu::media
