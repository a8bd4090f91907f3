#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/types/span.h>

#include "common/metrics/counter.h"
#include "common/net/socket_address.h"
#include "common/time/timestamp.h"
#include "worker/ice_tcp/frame_reader.h"
#include "worker/ice_tcp/send_queue.h"
#include "worker/media/descriptor.h"
#include "worker/media/udp_socket.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/transport/datagram_batch.h"

namespace sfu::media {

// A connection that has shown its first connectivity check to the listener.
struct AcceptedConnection {
  Descriptor descriptor;
  SocketAddress remote;
  std::vector<uint8_t> received;  // What has been read of it, from the first byte on.
};

// What one media thread's ICE-TCP connections count. Written by that thread only.
struct TcpCounters {
  Counter opened;
  Counter closed_by_peer;  // Or by the network: reset, unreachable, not acknowledged for 15 s.
  Counter closed_broken;   // Not packets in frames.
  Counter closed_unused;   // Belonged to no transport for some seconds.
  Counter closed_limit;    // The thread had too many.
  Counter packets_received;
  Counter bytes_received;
  Counter packets_sent;
  Counter bytes_sent;
  Counter dropped_oversized;       // Larger than a pool buffer.
  Counter dropped_pool_exhausted;  // Read and thrown away for want of a buffer.
  Counter unsent_late;             // Waited until it was of no use.
  Counter unsent_queue_full;
  Counter unsent_no_connection;  // For a connection that is closed.
};

// One accepted ICE-TCP connection: packets in frames (RFC 4571). What the connection cannot take
// now waits here for as long as it is of use [TCP-5]: video 200 ms, audio a second, and what the
// protocols need (STUN, DTLS, RTCP) until it can leave.
//
// Shell: lives on one media thread.
class TcpConnection {
 public:
  explicit TcpConnection(AcceptedConnection accepted);

  int descriptor() const { return descriptor_.value(); }
  const SocketAddress& remote() const { return remote_; }

  // Appends the packets that the listener has read already.
  [[nodiscard]] bool TakeReceived(rtp::PacketPool& pool, std::vector<ReceivedDatagram>& packets,
                                  TcpCounters& counters);
  // Reads once, into `scratch`, and appends the packets that are complete. One copy each, from the
  // stream into a buffer of its own: a packet may be kept for seconds. False if that is the end of
  // the connection, which is counted.
  [[nodiscard]] bool Receive(absl::Span<uint8_t> scratch, rtp::PacketPool& pool,
                             std::vector<ReceivedDatagram>& packets, TcpCounters& counters);

  // Sends `entries` of `batch`, in order, straight from the batch's memory if nothing waits. False
  // if that is the end of the connection.
  [[nodiscard]] bool Send(Timestamp now, const transport::DatagramBatch& batch,
                          absl::Span<const transport::DatagramBatch::Entry> entries,
                          TcpCounters& counters);

  // While true the owner waits for the connection to become writable and calls FlushBacklog().
  bool has_backlog() const { return !queue_.empty(); }
  [[nodiscard]] bool FlushBacklog(Timestamp now, TcpCounters& counters);

 private:
  using Entries = absl::Span<const transport::DatagramBatch::Entry>;

  bool Split(absl::Span<const uint8_t> bytes, rtp::PacketPool& pool,
             std::vector<ReceivedDatagram>& packets, TcpCounters& counters);
  bool Fail(TcpCounters& counters);
  // Removes what is done with from the front of `entries`.
  bool SendAtOnce(const transport::DatagramBatch& batch, Entries& entries, TcpCounters& counters);
  void Queue(Timestamp now, absl::Span<const uint8_t> packet, transport::DatagramContent content,
             TcpCounters& counters);

  const Descriptor descriptor_;
  const SocketAddress remote_;
  std::vector<uint8_t> received_;
  ice_tcp::FrameReader reader_;
  ice_tcp::SendQueue queue_;
};

}  // namespace sfu::media
