#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/dtls/context.h"
#include "worker/dtls/failure_reason.h"
#include "worker/dtls/fingerprint.h"
#include "worker/dtls/srtp_keys.h"

namespace sfu::dtls {

class Engine;

// What the session wants done; its owner performs these in order.
struct SendDatagram {
  std::vector<uint8_t> bytes;  // One UDP payload.
};
// The handshake is complete and the peer's certificate is one its SDP announced. Once, at most.
struct Connected {
  SrtpKeys keys;
};
// One record from the peer (an SCTP packet). Only after Connected.
struct ApplicationData {
  std::vector<uint8_t> bytes;
};
// The end, before or after Connected: nothing but outputs already queued will follow.
struct Failed {
  FailureReason reason;
};
// The peer sent close_notify: no more application data. The SRTP keys stay good [DTLS-12].
struct Closed {};
using Output = std::variant<SendDatagram, Connected, ApplicationData, Failed, Closed>;

struct Counters {
  uint64_t dropped_malformed = 0;      // Datagrams that are not whole DTLS records.
  uint64_t dropped_undecryptable = 0;  // Application data forged, repeated or too early.
  uint64_t dropped_unverified = 0;     // Messages beyond kMaxHeldMessages.
  uint64_t dropped_after_end = 0;      // Datagrams after Failed or Closed.
  uint64_t dropped_outgoing = 0;       // Messages that SendApplicationData() refused.
  uint64_t retransmitted_flights = 0;  // Ours, because an answer was late.
};

// One peer's DTLS 1.2 association (RFC 6347): handshake, the check of the peer's certificate
// against its SDP, the export of SRTP keys (RFC 5764), and records for SCTP (RFC 8261).
//
// Feed inputs with Handle*(), then take PollOutput() until it returns nullopt. Opens no socket, and
// takes deadlines from its owner. One exception is OpenSSL's own: it measures its retransmission
// timer with gettimeofday(), so a wrong wall clock may delay a retransmission (never lose it), and
// tests replace that function (tests/support/simulated_gettimeofday.cc).
//
// Not thread-safe: lives on the media thread of its room. Keeps OpenSSL's context alive by itself.
class Session {
 public:
  struct Options {
    // Server unless the peer's SDP insists on being passive: the server picks the SRTP profile
    // [DTLS-2].
    Role role = Role::kServer;
    // What the ICE checks have measured, if anything: sets the first retransmission [DTLS-9].
    std::optional<absl::Duration> round_trip_time = std::nullopt;
    // Handshake messages are cut so that no datagram of a flight is larger [DTLS-8]. At least 256.
    size_t mtu_bytes = 1200;
    absl::Duration handshake_limit = absl::Seconds(60);
  };

  // How many early messages wait for the peer's fingerprint: SCTP sends one or two and repeats
  // them, so this is generous.
  static constexpr size_t kMaxHeldMessages = 16;
  // The largest message for SendApplicationData(): an SCTP packet of 1,200 bytes [SCTP-3] with room
  // to spare. With the record around it (37 bytes for AES-GCM) it still fits every common path.
  static constexpr size_t kMaxMessageBytes = 1280;

  Session(const Context& context, const Options& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // A client sends its ClientHello now. A server needs no start: its time runs from the first
  // datagram.
  void Start(Timestamp now);

  // `datagram` is what came in one UDP payload, already known to begin with a byte in 20..63
  // (RFC 7983 §7).
  void HandleDatagram(Timestamp now, absl::Span<const uint8_t> datagram);
  void HandleTimeout(Timestamp now);

  // Every a=fingerprint of the peer's description; one match suffices. May come before, during or
  // after the handshake: until then keys and messages are held back [DTLS-5]. A later call
  // replaces the list, but does not judge again a peer that has been accepted. An empty list
  // accepts nobody.
  void SetRemoteFingerprints(std::vector<Fingerprint> fingerprints);

  // One message, one record, one datagram. False if it was refused: not connected yet, closed, or
  // larger than kMaxMessageBytes.
  bool SendApplicationData(absl::Span<const uint8_t> message);

  // Says goodbye with close_notify. No output but that one follows.
  void Close();

  std::optional<Output> PollOutput();

  // Timestamp::Never() when the handshake is over or has not begun.
  Timestamp NextTimeout() const;

  // Connected has been put out, and neither Failed nor Closed.
  bool connected() const { return state_ == State::kConnected; }
  // The handshake is complete, but no fingerprint has been set yet.
  bool awaits_fingerprints() const { return state_ == State::kAwaitingFingerprints; }
  const Counters& counters() const { return counters_; }

 private:
  enum class State : uint8_t { kNew, kHandshaking, kAwaitingFingerprints, kConnected, kEnded };

  void BeginHandshake(Timestamp now);
  void ContinueHandshake();
  void JudgePeer();
  void ReadMessages(size_t expected);
  void DeliverMessage(std::vector<uint8_t> message);
  bool FailIfEngineDid();
  void Fail(FailureReason reason);
  void EndIfClosed();
  void End();
  // Queues what OpenSSL has written and takes over its deadline.
  void Flush(Timestamp now);
  void QueueDatagrams();

  const Options options_;
  std::unique_ptr<Engine> engine_;
  State state_ = State::kNew;
  Timestamp handshake_deadline_ = Timestamp::Never();
  Timestamp retransmission_ = Timestamp::Never();
  std::deque<std::vector<uint8_t>> held_messages_;  // Until the peer has been judged.
  std::deque<Output> outputs_;
  Counters counters_;
};

}  // namespace sfu::dtls
