#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "common/time/timestamp.h"
#include "worker/receive/stream_receiver.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::receive {

// When a transport's receiver reports are due and what is in them [RX-21]: every second, give or
// take 10 % so that the reports of a room do not march in step. Not thread-safe: lives on its
// room's media thread.
class ReportBuilder {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  // `seed` places this transport's reports in time; any number that differs between transports.
  explicit ReportBuilder(uint32_t seed) : state_(seed) {}

  Timestamp NextTimeout() const { return next_; }

  // Starts the schedule, once: with the first stream of the transport.
  void Start(Timestamp now);

  // If due, writes receiver reports for all streams that have received anything, 31 blocks each at
  // most, and sets the next date. Streams that did not fit into `out` wait for the next time.
  // Returns how many blocks were written.
  size_t WriteReports(Timestamp now, rtp::Ssrc sender, absl::Span<StreamReceiver* const> streams,
                      ByteWriter& out);

 private:
  absl::Duration NextInterval();

  uint32_t state_;
  Timestamp next_ = Timestamp::Never();
  size_t first_ = 0;  // Stream to begin with, so that none is always the one left out.
};

}  // namespace sfu::receive
