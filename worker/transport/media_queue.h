#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "worker/rtp/outgoing_packet.h"

namespace sfu::transport {

// Media of one subscriber between the forwarders and egress, by priority: audio, then
// retransmissions, then video, then padding; first in, first out within each [CC-40].
//
// This is where a pacer docks: it decides *how many bytes* may leave at this moment and until when
// the rest waits, this decides *which*. Without one, a flush takes everything. Holds references and
// headers, not payloads [CC-42].
//
// Bounded; beyond the bound new packets are refused, whatever their priority: a full queue means
// that nothing leaves any more, and what comes late is then of no use.
class MediaQueue {
 public:
  // A 4K key frame is some 500 packets; this is half a second of 30 Mbit/s.
  static constexpr size_t kLimitPackets = 2048;
  // What each level keeps for reuse: more than that was a burst. (176 bytes each.)
  static constexpr size_t kRetainedPackets = 16;

  // False if the queue is full.
  [[nodiscard]] bool Push(rtp::OutgoingPacket&& packet);

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // The next one to leave. Precondition: !empty().
  rtp::OutgoingPacket& front();
  void Pop();

  void Clear();

 private:
  static constexpr size_t kLevels = 4;
  struct Level {
    std::vector<rtp::OutgoingPacket> packets;
    size_t next = 0;
  };

  Level& FirstLevel();

  std::array<Level, kLevels> levels_;
  size_t size_ = 0;
};

}  // namespace sfu::transport
