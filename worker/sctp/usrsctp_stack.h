#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"

namespace sfu::sctp {

// What usrsctp has produced for one association and its owner has not taken yet.
struct UsrsctpEvent {
  enum class Kind { kPacket, kData, kNotification };

  Kind kind;
  std::vector<uint8_t> bytes;
  uint16_t stream = 0;  // From here on for kData.
  uint32_t ppid = 0;
  bool unordered = false;
  bool end_of_message = true;
};

// Filled under the stack's lock by whichever thread is inside usrsctp, emptied by the owner.
class UsrsctpInbox {
 public:
  // An owner takes its events after each call and each 10 ms, so only one that has stopped doing
  // so gets here. Packets beyond are dropped, which SCTP repairs; data is not, so it ends the
  // association.
  static constexpr size_t kMaxEvents = 16'384;
  static constexpr size_t kMaxBytes = 8 << 20;

  struct Contents {
    std::vector<UsrsctpEvent> events;
    std::optional<uint32_t> send_space_bytes;  // The latest.
    uint64_t dropped_packets = 0;
    bool overflowed = false;
  };

  void Push(UsrsctpEvent event);
  void NoteSendSpace(uint32_t bytes);
  Contents Take();
  // Cheap: no lock. May say false a moment too early on a foreign thread's push; the next poll
  // sees it.
  bool pending() const { return pending_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  Contents contents_;
  size_t bytes_ = 0;
  std::atomic<bool> pending_ = false;
};

// The one usrsctp of the process, which several media threads share.
//
// usrsctp keeps its state and its timers in globals. We initialise it without threads of its own;
// what it has to say, it says through callbacks on whichever thread happens to be inside: the
// timer of one association may fire while another one's thread advances the clock. Two decisions
// follow, both preferring what is easy to see to be right over what would be fastest, since data
// channels are a trickle beside media (5 to 10 us for a message):
//
// * One lock around every call into usrsctp. Its own finer locks exist, but so do reports of races
//   between them; with this lock it sees, in effect, one thread.
// * Nothing crosses threads but bytes in an inbox. There is no thread for the clock and no wake-up:
//   an association with something outstanding asks its owner to be polled each 10 ms, each poll
//   advances the common clock if it is 10 ms old, and whatever that produced for others waits in
//   their inboxes for their own next poll, at most 10 ms. An idle association has no running timer
//   (heartbeats are off: ICE consent already watches the path) and is polled once a second.
//
// usrsctp knows an association by a number that is never used twice, not by a pointer: a callback
// for one that is gone finds nothing in the table and is dropped. Lock order: stack, table, inbox.
class UsrsctpStack {
 public:
  static constexpr absl::Duration kTick = absl::Milliseconds(10);

  // Initialises usrsctp on first use. It is never shut down: other threads may still be inside.
  static UsrsctpStack& Get();

  uintptr_t Register(UsrsctpInbox& inbox);
  // No callback touches the inbox after this has returned.
  void Unregister(uintptr_t id);

  // Calls `body` with usrsctp to itself and its clock at `now`: retransmission timers that the call
  // starts must count from now, not from whenever somebody last advanced the clock.
  template <typename Body>
  auto Run(Timestamp now, Body body) {
    const std::lock_guard lock(mutex_);
    AdvanceLocked(now);
    return body();
  }
  // The same without the time, for taking down an association.
  template <typename Body>
  void RunUntimed(Body body) {
    const std::lock_guard lock(mutex_);
    body();
  }
  // Only lets timers fire. Without a lock when the clock is fresh.
  void Advance(Timestamp now);

  void Deliver(uintptr_t id, UsrsctpEvent event);
  void DeliverSendSpace(uintptr_t id, uint32_t bytes);

 private:
  UsrsctpStack();

  void AdvanceLocked(Timestamp now);

  std::mutex mutex_;
  // Written under `mutex_`, in microseconds; read without it to find out whether a tick is due.
  std::atomic<int64_t> clock_micros_ = INT64_MIN;

  std::mutex table_mutex_;
  std::unordered_map<uintptr_t, UsrsctpInbox*> inboxes_;
  uintptr_t next_id_ = 1;
};

}  // namespace sfu::sctp
