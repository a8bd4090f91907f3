#include "worker/dtls/session.h"

#include <algorithm>
#include <utility>

#include "worker/dtls/engine.h"
#include "worker/dtls/record_scan.h"

namespace sfu::dtls {
namespace {

// The first retransmission interval [DTLS-9].
absl::Duration FirstTimeout(std::optional<absl::Duration> round_trip_time) {
  if (!round_trip_time) {
    return absl::Milliseconds(100);
  }
  return std::clamp(2 * *round_trip_time, absl::Milliseconds(50), absl::Seconds(3));
}

}  // namespace

Session::Session(const Context& context, const Options& options)
    : options_(options),
      engine_(std::make_unique<Engine>(context, options.role, options.mtu_bytes,
                                       FirstTimeout(options.round_trip_time))) {}

Session::~Session() = default;

void Session::Start(Timestamp now) {
  if (state_ == State::kNew && options_.role == Role::kClient) {
    BeginHandshake(now);
    ContinueHandshake();
    Flush(now);
  }
}

void Session::HandleDatagram(Timestamp now, absl::Span<const uint8_t> datagram) {
  if (state_ == State::kEnded) {
    ++counters_.dropped_after_end;
    return;
  }
  const std::optional<RecordScan> scan = ScanRecords(datagram);
  if (!scan) {
    ++counters_.dropped_malformed;
    return;
  }
  if (state_ == State::kNew) {
    BeginHandshake(now);
  }
  engine_->Feed(datagram);
  if (state_ == State::kHandshaking) {
    ContinueHandshake();
  }
  if (state_ == State::kAwaitingFingerprints || state_ == State::kConnected) {
    ReadMessages(scan->application_data_records);
  }
  engine_->EndOfDatagram();
  Flush(now);
}

void Session::HandleTimeout(Timestamp now) {
  if (now >= handshake_deadline_) {
    Fail(FailureReason::kHandshakeTimeout);
  } else if (now >= retransmission_) {
    counters_.retransmitted_flights += engine_->Retransmit() ? 1 : 0;
    FailIfEngineDid();
  }
  Flush(now);
}

void Session::SetRemoteFingerprints(std::vector<Fingerprint> fingerprints) {
  engine_->Expect(std::move(fingerprints));
  if (state_ == State::kAwaitingFingerprints) {
    JudgePeer();
    QueueDatagrams();
  }
}

bool Session::SendApplicationData(absl::Span<const uint8_t> message) {
  const bool acceptable =
      state_ == State::kConnected && !message.empty() && message.size() <= kMaxMessageBytes;
  if (!acceptable || !engine_->Write(message)) {
    ++counters_.dropped_outgoing;
    return false;
  }
  engine_->ReleaseBuffers();
  QueueDatagrams();
  return true;
}

void Session::Close() {
  if (state_ == State::kConnected || state_ == State::kAwaitingFingerprints) {
    engine_->SendCloseNotify();
    QueueDatagrams();
  }
  End();
}

std::optional<Output> Session::PollOutput() {
  if (outputs_.empty()) {
    return std::nullopt;
  }
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

Timestamp Session::NextTimeout() const { return std::min(handshake_deadline_, retransmission_); }

void Session::BeginHandshake(Timestamp now) {
  state_ = State::kHandshaking;
  handshake_deadline_ = now + options_.handshake_limit;
}

void Session::ContinueHandshake() {
  const bool done = engine_->Advance();
  if (!FailIfEngineDid() && done) {
    state_ = State::kAwaitingFingerprints;
    QueueDatagrams();  // Our last flight, ahead of Connected.
    if (engine_->expects_fingerprints()) {
      JudgePeer();
    }
  }
}

void Session::JudgePeer() {
  if (!engine_->PeerIsExpected()) {
    engine_->SendCloseNotify();
    Fail(FailureReason::kFingerprintMismatch);
    return;
  }
  std::optional<SrtpKeys> keys = engine_->ExportKeys();
  if (!keys) {
    engine_->SendCloseNotify();
    Fail(FailureReason::kNoSrtpProfile);
    return;
  }
  state_ = State::kConnected;
  handshake_deadline_ = Timestamp::Never();
  outputs_.emplace_back(Connected{*std::move(keys)});
  for (std::vector<uint8_t>& message : held_messages_) {
    outputs_.emplace_back(ApplicationData{std::move(message)});
  }
  held_messages_.clear();
  EndIfClosed();
}

void Session::ReadMessages(size_t expected) {
  size_t read = 0;
  while (std::optional<std::vector<uint8_t>> message = engine_->Read()) {
    ++read;
    DeliverMessage(*std::move(message));
  }
  counters_.dropped_undecryptable += expected > read ? expected - read : 0;
  engine_->ReleaseBuffers();
  if (!FailIfEngineDid()) {
    EndIfClosed();
  }
}

void Session::DeliverMessage(std::vector<uint8_t> message) {
  if (state_ == State::kConnected) {
    outputs_.emplace_back(ApplicationData{std::move(message)});
  } else if (held_messages_.size() < kMaxHeldMessages) {
    held_messages_.push_back(std::move(message));
  } else {
    ++counters_.dropped_unverified;
  }
}

bool Session::FailIfEngineDid() {
  const std::optional<FailureReason> reason = engine_->failure();
  if (reason) {
    Fail(*reason);
  }
  return reason.has_value();
}

void Session::Fail(FailureReason reason) {
  QueueDatagrams();  // The alert that tells the peer, if there is one, goes out first.
  held_messages_.clear();
  outputs_.emplace_back(Failed{reason});
  End();
}

// A goodbye before the verdict waits for it: the SRTP keys may still be wanted.
void Session::EndIfClosed() {
  if (state_ == State::kConnected && engine_->closed()) {
    outputs_.emplace_back(Closed{});
    End();
  }
}

void Session::End() {
  state_ = State::kEnded;
  handshake_deadline_ = Timestamp::Never();
  retransmission_ = Timestamp::Never();
}

void Session::Flush(Timestamp now) {
  QueueDatagrams();
  if (state_ == State::kEnded) {
    return;
  }
  const std::optional<absl::Duration> remaining = engine_->TimeToRetransmission();
  // Never at once: should the two clocks disagree, we ask again a little later, not in a loop.
  retransmission_ =
      remaining ? now + std::max(*remaining, absl::Milliseconds(1)) : Timestamp::Never();
}

void Session::QueueDatagrams() {
  while (std::optional<std::vector<uint8_t>> datagram = engine_->TakeDatagram()) {
    outputs_.emplace_back(SendDatagram{*std::move(datagram)});
  }
}

}  // namespace sfu::dtls
