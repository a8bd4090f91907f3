#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "common/base/sequence_unwrapper.h"
#include "common/time/timestamp.h"
#include "worker/rtcp/transport_feedback.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::receive {

// When the packets of one transport arrived, by their transport-wide numbers, and the feedback that
// tells the publisher's bandwidth estimator [RX-60..63].
//
// Feedback is driven by time, so that a publisher that has just started is not left without: every
// 50 ms while packets arrive, earlier at the end of a frame (25 ms) or with 100 packets waiting.
//
// Not thread-safe: lives on its room's media thread.
class ArrivalRecorder {
 public:
  static constexpr absl::Duration kInterval = absl::Milliseconds(50);
  static constexpr absl::Duration kMarkerInterval = absl::Milliseconds(25);
  static constexpr size_t kMaxPending = 100;
  // How long a reported arrival is kept, so that feedback can go back to a late packet without
  // declaring its successors lost.
  static constexpr absl::Duration kBackWindow = absl::Milliseconds(500);
  static constexpr size_t kMaxArrivals = 4096;

  // `marker`: the packet ends a frame. A repeated number is ignored.
  void HandlePacket(Timestamp arrival, uint16_t transport_sequence, bool marker);

  // When WriteFeedback() is due; Never() while nothing waits to be reported.
  Timestamp NextTimeout() const;

  // Writes one message and returns its size; 0 when nothing waits or `out` has no room for it.
  // Call again until 0: what did not fit into one message goes into the next.
  size_t WriteFeedback(Timestamp now, rtp::Ssrc sender, rtp::Ssrc media, ByteWriter& out);

  uint64_t forgotten() const { return forgotten_; }  // Arrivals beyond kMaxArrivals.

 private:
  static constexpr int64_t kMaxReorder = 128;  // Before the first packet of all.

  void ForgetReported(Timestamp now);
  void PopFront();

  SequenceUnwrapper<uint16_t> unwrapper_;
  std::deque<rtcp::TransportArrival> arrivals_;  // Ascending by number; reported ones too.
  int64_t next_sequence_ = 0;  // First not yet reported; arrivals below it move it back.
  int64_t floor_ = 0;          // Numbers below it are forgotten.
  bool started_ = false;
  size_t pending_ = 0;  // Arrivals at or above next_sequence_.
  Timestamp first_pending_ = Timestamp::Never();
  Timestamp last_feedback_ = Timestamp::FromMicros(0);
  bool marker_pending_ = false;
  uint8_t feedback_count_ = 0;
  uint64_t forgotten_ = 0;
};

}  // namespace sfu::receive
