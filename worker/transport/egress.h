#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/types/span.h>

#include "common/base/expected.h"
#include "common/time/timestamp.h"
#include "worker/ice/path.h"
#include "worker/rtp/outgoing_packet.h"
#include "worker/srtp/session.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/transport_counters.h"

namespace sfu::transport {

// What congestion control must know of a packet that left with a transport-wide sequence number.
struct SentPacket {
  int64_t transport_sequence;  // Unwrapped.
  Timestamp sent;
  uint32_t size_bytes;  // Of the UDP payload.
  rtp::OutgoingPacket::Priority priority;
};

// The last step of a media packet: stamps the values that say when it left, joins its parts in the
// socket's slab and protects them there in the same go [PERF-31], and records the send.
class Egress {
 public:
  explicit Egress(TransportCounters& counters) : counters_(counters) {}

  // Forgets what was recorded of the flush before; see sent().
  void BeginFlush() { sent_.clear(); }

  // Precondition: !batch.full(). A packet that cannot be sent is counted, not committed.
  void SendRtp(Timestamp now, const ice::Path& path, rtp::OutgoingPacket& packet,
               srtp::Session& srtp, DatagramBatch& batch);
  void SendRtcp(const ice::Path& path, absl::Span<const uint8_t> compound, srtp::Session& srtp,
                DatagramBatch& batch);

  // The stamped packets since BeginFlush(): what a send-side bandwidth estimator takes.
  absl::Span<const SentPacket> sent() const { return sent_; }

 private:
  void Stamp(Timestamp now, rtp::OutgoingPacket& packet);
  static Expected<size_t, srtp::DropReason> Protect(const rtp::OutgoingPacket& packet,
                                                    srtp::Session& srtp,
                                                    absl::Span<uint8_t> output);

  TransportCounters& counters_;
  int64_t next_transport_sequence_ = 1;
  std::vector<SentPacket> sent_;
};

}  // namespace sfu::transport
