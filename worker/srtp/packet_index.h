#pragma once

#include <cstdint>
#include <optional>

namespace sfu::srtp {

// The 48-bit packet index of one outgoing stream: rollover counter and sequence number (RFC 3711
// §3.3.1). Agrees with what a receiver will guess, as long as fewer than 2^15 packets in a row are
// lost on the way.
class PacketIndex {
 public:
  // The index of the packet numbered `sequence_number`, which becomes the newest if it is later
  // than all before it. Returns nullopt for one that is `window` or more behind the newest: the
  // receiver would take it for a replay.
  std::optional<uint64_t> Next(uint16_t sequence_number, uint64_t window) {
    const uint64_t index = Estimate(sequence_number);
    if (index > newest_) {
      newest_ = index;
    } else if (newest_ - index >= window) {
      return std::nullopt;
    }
    return index;
  }

 private:
  uint64_t Estimate(uint16_t sequence_number) const {
    // A stream starts with a rollover counter of zero, whatever its first number is: it cannot have
    // come down from a number below zero.
    if (newest_ <= 0x8000) {
      return sequence_number;
    }
    const auto newest_number = static_cast<uint16_t>(newest_);
    const auto ahead = static_cast<uint16_t>(sequence_number - newest_number);
    if (ahead < 0x8000 || (ahead == 0x8000 && sequence_number > newest_number)) {
      return newest_ + ahead;
    }
    return newest_ - static_cast<uint16_t>(newest_number - sequence_number);
  }

  uint64_t newest_ = 0;
};

}  // namespace sfu::srtp
