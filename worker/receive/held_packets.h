#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::receive {

// Packets of SSRCs that are not bound to a stream yet, kept for the moment it may take the
// description to arrive [RX-10]: 16 SSRCs, 50 packets and 200 ms each. What exceeds that is dropped
// and counted. Not thread-safe: lives on its room's media thread.
class HeldPackets {
 public:
  static constexpr size_t kMaxStreams = 16;
  static constexpr size_t kMaxPacketsPerStream = 50;
  static constexpr absl::Duration kMaxAge = absl::Milliseconds(200);

  struct Held {
    rtp::PacketRef packet;
    Timestamp arrival;
  };

  void Hold(Timestamp now, rtp::Ssrc ssrc, rtp::PacketRef packet);

  // Everything still young enough, of all SSRCs, in order of arrival; empties the table. Call after
  // the binder was configured and offer each packet again.
  std::vector<Held> TakeAll(Timestamp now);
  // The same for one SSRC, after it was bound.
  std::vector<Held> Take(Timestamp now, rtp::Ssrc ssrc);

  bool empty() const { return streams_.empty(); }
  uint64_t dropped() const { return dropped_; }

 private:
  struct Stream {
    rtp::Ssrc ssrc;
    std::vector<Held> packets;
  };

  void DropExpired(Timestamp now);

  std::vector<Stream> streams_;
  uint64_t dropped_ = 0;
};

}  // namespace sfu::receive
