#pragma once

#include <cstdint>

#include "worker/rtp/media_packet.h"
#include "worker/rtp/source_clock.h"

namespace sfu::forward {

// What a forwarder may ask about the track it forwards. Implemented by whoever owns the track's
// receivers (worker/room, later a relay's end); outlives the forwarders made with it.
class SourceView {
 public:
  virtual ~SourceView() = default;

  // A packet of the history of encoding `layer`, for retransmission; nullptr if it is gone. Read
  // before anything else happens to the history.
  virtual const rtp::MediaPacket* Find(uint8_t layer, int64_t sequence) const = 0;

  // From the encoding's latest sender report; nullptr before the first.
  virtual const rtp::SourceClock* Clock(uint8_t layer) const = 0;

  // How many encodings the track has, 1 to 3. May change until packets come. With one, spatial
  // layers are those inside it (SVC).
  virtual uint8_t encoding_count() const = 0;
};

}  // namespace sfu::forward
