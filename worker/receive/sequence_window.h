#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

#include "common/base/sequence_unwrapper.h"

namespace sfu::receive {

// Unwraps the numbers of one received stream, finds duplicates, and notices when the sender started
// over [RX-15].
//
// A number far from what is expected (3,000 ahead or 8,192 behind) is refused, until five packets
// in a row continue each other with timestamps that do not fall: then the sender has started over,
// and the stream goes on from there. Unwrapped numbers leap forward by kRestartLeap or more at such
// a restart, and never otherwise: so nobody behind this can confuse packets of the two lives, and a
// forwarder sees the restart in the number itself.
class SequenceWindow {
 public:
  static constexpr size_t kHistory = 8192;
  static constexpr int64_t kMaxForward = 3000;
  static constexpr int64_t kMaxReorder = 128;  // Before the first packet of all.
  static constexpr int kRestartPackets = 5;
  static constexpr int64_t kRestartLeap = int64_t{1} << 17;

  enum class Verdict : uint8_t { kAccepted, kDuplicate, kTooOld, kOutOfWindow, kRestarted };
  struct Result {
    Verdict verdict;
    int64_t sequence = 0;   // Unwrapped. Set if accepted or restarted.
    int64_t timestamp = 0;  // Likewise.
  };

  // A restored retransmission fills holes but never starts or restarts a stream [RX-13].
  Result HandlePacket(uint16_t sequence, uint32_t timestamp, bool is_retransmission);

  // The RTP timestamp of a sender report, which may be somewhat ahead of or behind the packets.
  int64_t UnwrapTimestamp(uint32_t timestamp) const { return timestamps_.PeekUnwrap(timestamp); }

  bool started() const { return started_; }
  int64_t highest() const { return highest_; }

 private:
  Result Accept(int64_t sequence, uint32_t timestamp);
  Result HandleSuspect(uint16_t sequence, uint32_t timestamp);
  Result Start(Verdict verdict, uint16_t sequence, uint32_t timestamp);

  bool started_ = false;
  int64_t first_ = 0;  // Of this life.
  int64_t highest_ = 0;
  SequenceUnwrapper<uint32_t> timestamps_;
  std::bitset<kHistory> received_;

  int suspects_ = 0;
  uint16_t suspect_sequence_ = 0;
  uint32_t suspect_timestamp_ = 0;
};

}  // namespace sfu::receive
