#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"

namespace sfu::sctp {

// Both directions. Browsers ask for 65,535, which costs usrsctp 6.7 MB for each association; with
// 64 it is some 20 KB, and the 32 channels we allow need no more ([SCTP-3]).
inline constexpr uint16_t kMaxStreams = 64;

struct AssociationOptions {
  uint16_t port = 5000;  // Of both ends: `a=sctp-port` ([SCTP-1]).
  uint16_t streams = kMaxStreams;
  // Whole SCTP packet. With DTLS, UDP and IPv6 around it still below the 1,280 bytes that every
  // IPv6 path carries ([SCTP-3]).
  size_t max_packet_bytes = 1191;
  // Not acknowledged plus not sent yet. Beyond it Send() refuses ([SCTP-8]).
  size_t send_buffer_bytes = 4 << 20;
  size_t receive_window_bytes = 1 << 20;
  size_t max_send_bytes = 65'535;     // min(this, what the peer's `a=max-message-size` says).
  size_t max_receive_bytes = 65'535;  // What our `a=max-message-size` says.
};

struct OutgoingMessage {
  uint16_t stream = 0;
  uint32_t ppid = 0;
  bool ordered = true;
  // nullopt: reliable (RFC 3758, RFC 7496 §4.1).
  std::optional<uint16_t> max_retransmits = std::nullopt;
  absl::Span<const uint8_t> payload = {};  // Not empty: SCTP has no empty messages.
};

enum class SendResult {
  kQueued,
  kNotConnected,
  kNoSuchStream,
  kTooLarge,
  kBufferFull,  // Ordinary back-pressure: drop a lossy message, hold back a reliable one.
};

// Outputs; the owner performs them in order.
struct SendPacket {
  std::vector<uint8_t> packet;  // To be wrapped in one DTLS record.
};
struct MessageReceived {
  uint16_t stream;
  uint32_t ppid;
  std::vector<uint8_t> payload;
};
// Once, and again if the peer restarts the association (RFC 9260 §5.2.4.1): then all streams begin
// anew.
struct Connected {
  uint16_t outgoing_streams;
  uint16_t incoming_streams;
};
// The peer reset its side of a stream (RFC 6525), which closes a data channel.
struct StreamReset {
  uint16_t stream;
};
// Data waits, and nothing was acknowledged for 30 s ([SCTP-8]). Given once per stall.
struct Stuck {};
// The end: nothing follows but packets that tell the peer.
struct Closed {
  enum class Reason {
    kAborted,        // By the peer, or by us after a breach of the protocol.
    kPeerShutDown,   // Gracefully, by the peer.
    kFailed,         // Could not even start.
    kInboxOverflow,  // Messages arrived and were not taken.
    kLocal,          // Abort().
  };
  Reason reason;
};
using AssociationOutput =
    std::variant<SendPacket, MessageReceived, Connected, StreamReset, Stuck, Closed>;

struct AssociationCounters {
  uint64_t packets_in = 0;
  uint64_t packets_out = 0;
  uint64_t messages_in = 0;
  uint64_t messages_out = 0;
  uint64_t refused_buffer_full = 0;
  uint64_t dropped_message_too_large = 0;
  uint64_t dropped_packet_inbox_full = 0;  // Of ours; SCTP repeats them.
};

// One SCTP association over DTLS (RFC 8831, RFC 8261). The seam behind which the stack can be
// replaced, by another one or by a simulation.
//
// Both ends start the association as soon as DTLS is up; simultaneous open is normal ([SCTP-4]).
// After any call, take PollOutput() until it returns nullopt, and call HandleTimeout() no later
// than NextTimeout(). Not thread-safe: lives on the media thread of its room.
class Association {
 public:
  virtual ~Association() = default;

  // DTLS is up: sends INIT. Packets that come before are dropped. Call once.
  virtual void Connect(Timestamp now) = 0;
  // `packet` is what one DTLS record held.
  virtual void HandlePacket(Timestamp now, absl::Span<const uint8_t> packet) = 0;
  virtual void HandleTimeout(Timestamp now) = 0;

  // Copies the payload when it queues it.
  virtual SendResult Send(Timestamp now, const OutgoingMessage& message) = 0;
  // Closes our direction of a stream once what was queued on it has gone (RFC 6525).
  virtual void ResetStream(Timestamp now, uint16_t stream) = 0;
  // Tells the peer with an ABORT and ends. Idempotent.
  virtual void Abort(Timestamp now) = 0;

  virtual std::optional<AssociationOutput> PollOutput() = 0;
  virtual Timestamp NextTimeout() const = 0;

  virtual bool connected() const = 0;
  // Queued and not yet acknowledged, all streams together.
  virtual size_t buffered_bytes() const = 0;
  virtual const AssociationCounters& counters() const = 0;
};

// Thread-safe: media threads share one.
class AssociationFactory {
 public:
  virtual ~AssociationFactory() = default;
  virtual std::unique_ptr<Association> Create(const AssociationOptions& options) = 0;
};

}  // namespace sfu::sctp
