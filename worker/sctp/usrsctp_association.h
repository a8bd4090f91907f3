#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/sctp/association.h"
#include "worker/sctp/usrsctp_stack.h"

struct socket;  // usrsctp's.

namespace sfu::sctp {

// An association of usrsctp (AF_CONN). usrsctp_stack.h says how one global stack serves several
// media threads, and why NextTimeout() asks for a poll each 10 ms while anything is outstanding.
//
// usrsctp asks gettimeofday() for round trip times and for the age of a packet before it repeats
// it, whatever time its timers are driven by: tests that lose packets must put that on simulated
// time as well (tests/support/simulated_gettimeofday.h), and a step of the wall clock may delay a
// repeat.
class UsrsctpAssociation : public Association {
 public:
  explicit UsrsctpAssociation(const AssociationOptions& options);
  ~UsrsctpAssociation() override;
  UsrsctpAssociation(const UsrsctpAssociation&) = delete;
  UsrsctpAssociation& operator=(const UsrsctpAssociation&) = delete;

  void Connect(Timestamp now) override;
  void HandlePacket(Timestamp now, absl::Span<const uint8_t> packet) override;
  void HandleTimeout(Timestamp now) override;

  SendResult Send(Timestamp now, const OutgoingMessage& message) override;
  void ResetStream(Timestamp now, uint16_t stream) override;
  void Abort(Timestamp now) override;

  std::optional<AssociationOutput> PollOutput() override;
  Timestamp NextTimeout() const override;

  bool connected() const override { return state_ == State::kConnected; }
  size_t buffered_bytes() const override { return buffered_bytes_; }
  const AssociationCounters& counters() const override { return counters_; }

 private:
  enum class State { kNew, kConnecting, kConnected, kClosed };

  void CloseSocket();
  void Close(Timestamp now, Closed::Reason reason);

  // Whatever happened may be followed by timers of usrsctp that we cannot see.
  void NoteActivity(Timestamp now);
  void TakeInbox(Timestamp now);
  void HandleData(UsrsctpEvent event);
  void HandleNotification(Timestamp now, absl::Span<const uint8_t> bytes);
  void HandleAssociationChange(Timestamp now, absl::Span<const uint8_t> bytes);
  void HandleStreamResetEvent(absl::Span<const uint8_t> bytes);
  void NoteBuffered(Timestamp now, size_t bytes);
  void SendPendingResets(Timestamp now);

  const AssociationOptions options_;
  UsrsctpStack& stack_;
  UsrsctpInbox inbox_;
  const uintptr_t id_;
  struct socket* socket_ = nullptr;

  State state_ = State::kNew;
  uint16_t outgoing_streams_ = 0;
  uint16_t incoming_streams_ = 0;
  size_t buffered_bytes_ = 0;
  Timestamp last_progress_ = Timestamp::FromMicros(0);
  bool stuck_ = false;
  Timestamp busy_until_ = Timestamp::FromMicros(0);
  Timestamp next_poll_ = Timestamp::Never();

  // usrsctp has one request in flight and refuses a second one.
  std::set<uint16_t> pending_resets_;  // At most one for each outgoing stream.
  // Streams on which the rest of a message too large is still to come, unordered ones apart.
  std::set<uint32_t> discarding_;  // At most two for each incoming stream.

  std::deque<AssociationOutput> outputs_;  // What one inbox held.
  AssociationCounters counters_;
};

class UsrsctpAssociationFactory : public AssociationFactory {
 public:
  std::unique_ptr<Association> Create(const AssociationOptions& options) override;
};

}  // namespace sfu::sctp
