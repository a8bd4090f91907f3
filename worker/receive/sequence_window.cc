#include "worker/receive/sequence_window.h"

namespace sfu::receive {
namespace {

constexpr size_t BitOf(int64_t sequence) {
  return static_cast<size_t>(sequence) % SequenceWindow::kHistory;
}

}  // namespace

SequenceWindow::Result SequenceWindow::HandlePacket(uint16_t sequence, uint32_t timestamp,
                                                    bool is_retransmission) {
  if (!started_) {
    return is_retransmission ? Result{Verdict::kOutOfWindow}
                             : Start(Verdict::kAccepted, sequence, timestamp);
  }
  const auto ahead =
      static_cast<int16_t>(static_cast<uint16_t>(sequence - static_cast<uint16_t>(highest_)));
  const int64_t unwrapped = highest_ + ahead;
  if (ahead > kMaxForward || ahead <= -static_cast<int64_t>(kHistory)) {
    return is_retransmission ? Result{Verdict::kOutOfWindow} : HandleSuspect(sequence, timestamp);
  }
  if (unwrapped < first_ - kMaxReorder) {
    return {Verdict::kTooOld};
  }
  if (ahead <= 0 && received_[BitOf(unwrapped)]) {
    return {Verdict::kDuplicate};
  }
  suspects_ = 0;
  return Accept(unwrapped, timestamp);
}

SequenceWindow::Result SequenceWindow::Accept(int64_t sequence, uint32_t timestamp) {
  for (int64_t missing = highest_ + 1; missing < sequence; ++missing) {
    received_.reset(BitOf(missing));
  }
  received_.set(BitOf(sequence));
  if (sequence > highest_) {
    highest_ = sequence;
    return {Verdict::kAccepted, sequence, timestamps_.Unwrap(timestamp)};
  }
  // A late packet must not move the reference back.
  return {Verdict::kAccepted, sequence, timestamps_.PeekUnwrap(timestamp)};
}

SequenceWindow::Result SequenceWindow::HandleSuspect(uint16_t sequence, uint32_t timestamp) {
  const bool continues = suspects_ > 0 &&
                         sequence == static_cast<uint16_t>(suspect_sequence_ + 1) &&
                         static_cast<int32_t>(timestamp - suspect_timestamp_) >= 0;
  suspects_ = continues ? suspects_ + 1 : 1;
  suspect_sequence_ = sequence;
  suspect_timestamp_ = timestamp;
  if (suspects_ < kRestartPackets) {
    return {Verdict::kOutOfWindow};
  }
  return Start(Verdict::kRestarted, sequence, timestamp);
}

SequenceWindow::Result SequenceWindow::Start(Verdict verdict, uint16_t sequence,
                                             uint32_t timestamp) {
  // The first life starts one lap up, so that a packet older than the first is not negative.
  constexpr int64_t kLap = int64_t{1} << 16;
  int64_t unwrapped = kLap + sequence;
  if (started_) {
    const int64_t laps = (highest_ + kRestartLeap) / kLap + 1;
    unwrapped = laps * kLap + sequence;
  }
  started_ = true;
  suspects_ = 0;
  received_.reset();
  received_.set(BitOf(unwrapped));
  first_ = unwrapped;
  highest_ = unwrapped;
  timestamps_ = SequenceUnwrapper<uint32_t>();
  return {verdict, unwrapped, timestamps_.Unwrap(timestamp)};
}

}  // namespace sfu::receive
