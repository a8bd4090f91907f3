#pragma once

#include "common/time/timestamp.h"
#include "worker/ice/path.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/transport_id.h"

namespace sfu::transport {

// What a media thread drives: the media rooms of that thread, which own its transports. One pass of
// the loop calls, always on the media thread and in this order [PERF-4]:
//
//   (posted tasks, which call the rooms directly)
//   HandleDatagram  for each datagram of a received batch whose transport is known
//   HandleTimeout   if NextTimeout() is due
//   Flush           until it returns false; each batch is sent before the next is asked for
//   NextTimeout     to know how long to sleep
//
// All calls of a pass get the same `now`. The transport's entries in the TransportTable are its own
// business; whoever implements this adds nothing there.
class PacketSink {
 public:
  virtual ~PacketSink() = default;

  // `transport` is what the table said at this moment. `packet` is the whole datagram, and the sink
  // holds the only reference.
  virtual void HandleDatagram(Timestamp now, TransportId transport, const ice::Path& path,
                              rtp::PacketRef packet) = 0;

  virtual void HandleTimeout(Timestamp now) = 0;
  virtual Timestamp NextTimeout() const = 0;  // Timestamp::Never() when nothing is armed.

  // Puts what the transports have to send into `batch`, which is empty, transport by transport so
  // that one subscriber's packets leave as one run. Returns true when the batch is full() and there
  // is more, never otherwise; false when everything has been taken.
  virtual bool Flush(Timestamp now, DatagramBatch& batch) = 0;
};

}  // namespace sfu::transport
